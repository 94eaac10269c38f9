"""Whatever a picture is stored in, it is seen afterwards as it was before; a long one stays readable."""

import struct
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from app.errors import BadInput
from app.work.uploads import colours, images
from app.work.uploads.cleaning import clean
from tests.work.files import encoded, png_of, upload

Colour = tuple[int, int, int]
colour = st.tuples(*[st.integers(0, 255)] * 3)
grey = st.integers(0, 255)
CLOSE = 14  # of 255: what JPEG does to a flat colour, twice
SIZE = (64, 48)


def shown(content: bytes) -> Image.Image:
    """What the product keeps of an upload."""
    return Image.open(BytesIO(clean(upload(content)).content))


def is_close(found: Colour, wanted: Colour, by: int = CLOSE) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=True))


def halves(left: object, right: object, mode: str) -> Image.Image:
    """A picture of this mode, one value on its left and another on its right half; 0 and 1 of a palette are dark."""
    image = Image.new(mode, SIZE, right)
    if mode == "P":
        image.putpalette([0, 0, 0, 1, 1, 1])
    image.paste(left, (0, 0, SIZE[0] // 2, SIZE[1]))
    return image


def sides(content: bytes) -> tuple[Colour, Colour]:
    """What is seen in the middle of either half."""
    image = shown(content)
    return tuple(image.getpixel((image.width * part // 4, image.height // 2)) for part in (1, 3))


WAYS_OF_COLOUR = {
    "JPEG": lambda image: encoded(image, "JPEG", quality=95, subsampling=0),
    "JPEG, progressive": lambda image: encoded(image, "JPEG", quality=95, subsampling=0, progressive=True),
    "PNG": lambda image: encoded(image, "PNG"),
    "PNG, palette": lambda image: encoded(image.quantize(), "PNG"),
    "PNG, 16 bits": lambda image: png_of(image.width, image.height, 2, 16, sixteen(image)),
    "APNG": lambda image: encoded(image, "PNG", save_all=True, append_images=[Image.new("RGB", SIZE)]),
    "WebP": lambda image: encoded(image, "WEBP", lossless=True),
    "WebP, animated": lambda image: encoded(
        image, "WEBP", lossless=True, save_all=True, append_images=[Image.new("RGB", SIZE)]
    ),
    "GIF": lambda image: encoded(image, "GIF"),
    "GIF, animated": lambda image: encoded(
        image, "GIF", save_all=True, append_images=[Image.new("RGB", SIZE)]
    ),
    "BMP": lambda image: encoded(image, "BMP"),
    "AVIF": lambda image: encoded(image, "AVIF", quality=100, subsampling="4:4:4"),
}


def sixteen(image: Image.Image) -> bytes:
    """The pixels of an RGB picture with 16 bits for each colour, row by row."""
    return b"".join(bytes([value, value ^ 0x5A]) for value in image.tobytes())


@pytest.mark.parametrize("way", WAYS_OF_COLOUR)
@settings(max_examples=12, deadline=None)
@given(left=colour, right=colour)
def test_colours_are_kept(way: str, left: Colour, right: Colour) -> None:
    found = sides(WAYS_OF_COLOUR[way](halves(left, right, "RGB")))
    assert is_close(found[0], left)
    assert is_close(found[1], right)


@pytest.mark.parametrize("how", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF"])
@settings(max_examples=12, deadline=None)
@given(left=grey, right=grey)
def test_grey_is_kept(how: str, left: int, right: int) -> None:
    found = sides(encoded(halves(left, right, "L"), how))
    assert is_close(found[0], (left,) * 3)
    assert is_close(found[1], (right,) * 3)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_grey_of_every_depth_is_as_bright_as_it_was(depth: int, data: st.DataObject) -> None:
    top = 2**depth - 1
    left, right = (data.draw(st.integers(0, top)) for _ in range(2))
    found = sides(png_of(*SIZE, 0, depth, packed_rows(left, right, depth)))
    assert is_close(found[0], (round(left * 255 / top),) * 3)
    assert is_close(found[1], (round(right * 255 / top),) * 3)


def packed_rows(left: int, right: int, depth: int) -> bytes:
    """Rows of SIZE, samples of `depth` bits packed as PNG does it."""
    bits = "".join(f"{value:0{depth}b}" * (SIZE[0] // 2) for value in (left, right))
    return int(bits, 2).to_bytes(len(bits) // 8) * SIZE[1]


def over(value: Colour, opacity: int, ground: Colour) -> Colour:
    return tuple(
        round((one * opacity + under * (255 - opacity)) / 255)
        for one, under in zip(value, ground, strict=True)
    )


WAYS_OF_ALPHA = {
    "PNG": lambda image: encoded(image, "PNG"),
    "WebP": lambda image: encoded(image, "WEBP", lossless=True, exact=True),
    "AVIF": lambda image: encoded(image, "AVIF", quality=100, subsampling="4:4:4"),
}


@pytest.mark.parametrize("way", WAYS_OF_ALPHA)
@settings(max_examples=12, deadline=None)
@given(value=colour, opacity=grey)
def test_what_shines_through_is_seen_on_white(way: str, value: Colour, opacity: int) -> None:
    image = halves((0, 60, 120, 255), (*value, opacity), "RGBA")
    found = sides(WAYS_OF_ALPHA[way](image))
    assert is_close(found[0], (0, 60, 120))
    assert is_close(found[1], over(value, opacity, (255, 255, 255)))


@settings(max_examples=12, deadline=None)
@given(value=grey, opacity=grey)
def test_grey_with_alpha_is_seen_on_white(value: int, opacity: int) -> None:
    found = sides(encoded(halves((0, 255), (value, opacity), "LA"), "PNG"))
    assert is_close(found[1], over((value,) * 3, opacity, (255, 255, 255)))


@pytest.mark.parametrize(
    "content",
    [
        encoded(halves(0, 1, "P"), "PNG", transparency=1),
        encoded(halves(0, 1, "P"), "GIF", transparency=1),
        encoded(halves(0, 200, "L"), "PNG", transparency=200),
        encoded(halves((0, 0, 0), (9, 99, 199), "RGB"), "PNG", transparency=(9, 99, 199)),
        encoded(halves(0, 255, "1"), "PNG", transparency=255),
        png_of(*SIZE, 0, 16, packed_rows(0, 40_000, 16), transparent=struct.pack(">H", 40_000)),
        png_of(
            *SIZE,
            2,
            16,
            (b"\0" * 6 * 32 + b"\x12\x34\x56\x78\x9a\xbc" * 32) * 48,
            transparent=b"\x12\x34\x56\x78\x9a\xbc",
        ),
    ],
    ids=["P in PNG", "P in GIF", "L", "RGB", "1", "I;16", "RGB of 16 bits"],
)
def test_one_colour_that_stands_for_transparent_is_white(content: bytes) -> None:
    found = sides(content)
    assert is_close(found[0], (0, 0, 0))
    assert is_close(found[1], (255, 255, 255))


def test_a_palette_of_several_opacities_is_kept() -> None:
    image = halves(0, 1, "P")
    image.putpalette([0, 0, 0, 200, 0, 0])
    found = sides(encoded(image, "PNG", transparency=bytes([255, 128])))
    assert is_close(found[1], over((200, 0, 0), 128, (255, 255, 255)))


def test_what_was_drawn_in_white_for_a_dark_page_does_not_vanish() -> None:
    found = sides(encoded(halves((255, 255, 255, 255), (0, 0, 0, 0), "RGBA"), "PNG"))
    assert is_close(found[0], (255, 255, 255))
    assert is_close(found[1], colours.DARK)


def test_a_light_window_with_dark_text_and_a_clear_edge_stays_on_white() -> None:
    image = halves((250, 250, 250, 255), (0, 0, 0, 0), "RGBA")
    image.paste((20, 20, 20, 255), (4, 4, 12, 24))
    assert is_close(sides(encoded(image, "PNG"))[1], (255, 255, 255))


@settings(max_examples=12, deadline=None)
@given(left=st.tuples(*[grey] * 4))
def test_the_four_inks_of_print_are_kept(left: tuple[int, int, int, int]) -> None:
    image = halves(left, (0, 0, 0, 0), "CMYK")
    wanted = image.convert("RGB").getpixel((5, 5))
    found = sides(encoded(image, "JPEG", quality=95, subsampling=0))
    assert is_close(found[0], wanted, by=24)  # JPEG rounds four inks, black multiplies them
    assert is_close(found[1], (255, 255, 255))


def swapped_profile(space: bytes = b"RGB ") -> bytes:
    """A colour profile in which red and green have changed places: what it means differs from what is stored."""
    red, green, blue = (0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139)
    parts = {
        b"rXYZ": _xyz(green),
        b"gXYZ": _xyz(red),
        b"bXYZ": _xyz(blue),
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
    }
    curve = b"curv\0\0\0\0\0\0\0\x01\x02\x33\0\0"
    parts |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    parts[b"desc"] = b"desc\0\0\0\0\0\0\0\x08swapped\0" + b"\0" * 78 + b"\0\0"
    at, table, body = 128 + 4 + 12 * len(parts), b"", b""
    for name, part in parts.items():
        table += name + struct.pack(">II", at + len(body), len(part))
        body += part
    length = at + len(body)
    head = struct.pack(">I4sI4s4s4s", length, b"\0\0\0\0", 0x02400000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += struct.pack(">3i", 63190, 65536, 54061) + b"\0" * 48
    return head + struct.pack(">I", len(parts)) + table + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


@pytest.mark.parametrize(
    ("how", "mode"),
    [
        ("JPEG", "RGB"),
        *[(how, mode) for how in ("PNG", "WEBP", "AVIF") for mode in ("RGB", "RGBA")],
        ("PNG", "P"),
    ],
)
def test_a_colour_profile_is_carried_out(how: str, mode: str) -> None:
    image = halves((220, 30, 30), (30, 30, 220), "RGB").convert(mode)
    content = encoded(image, how, icc_profile=swapped_profile(), quality=95)
    found = sides(content)
    assert found[0][1] > 180 > 90 > found[0][0], "the stored red is a green"
    assert is_close(found[1], (30, 30, 220), by=40)
    assert "icc_profile" not in shown(content).info


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        swapped_profile()[:200],
        swapped_profile(b"CMYK"),
        swapped_profile(b"GRAY"),
        b"\0" * 3_000_000,
    ],
)
def test_a_profile_that_cannot_be_used_counts_as_none(profile: bytes) -> None:
    found = sides(encoded(halves((220, 30, 30), (30, 30, 220), "RGB"), "PNG", icc_profile=profile))
    assert is_close(found[0], (220, 30, 30))


def test_a_profile_of_usual_colours_changes_nothing() -> None:
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = sides(encoded(halves((220, 30, 30), (30, 30, 220), "RGB"), "JPEG", icc_profile=usual, quality=95))
    assert is_close(found[0], (220, 30, 30))


UPRIGHT = {
    1: None,
    2: 0,
    3: 3,
    4: 1,
    5: 5,
    6: 2,
    7: 6,
    8: 4,
}  # how a picture is turned so that EXIF n turns it back


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("how", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("WEBP", "RGB"), ("WEBP", "RGBA")]
    + [("PNG", mode) for mode in ("RGB", "L", "P", "RGBA", "LA", "1")],
)
def test_a_picture_stands_upright_whichever_way_it_was_held(orientation: int, how: str, mode: str) -> None:
    upright = Image.new("RGB", SIZE, "white")
    upright.paste("black", (0, 0, SIZE[0] // 2, SIZE[1] // 2))
    turn = UPRIGHT[orientation]
    stored = upright if turn is None else upright.transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = shown(encoded(stored.convert(mode), how, exif=exif))

    assert found.size == SIZE
    corners = [found.getpixel(at)[0] > 128 for at in ((8, 8), (56, 8), (8, 40), (56, 40))]
    assert corners == [False, True, True, True]


def test_a_long_screenshot_keeps_its_width() -> None:
    page = Image.new("RGB", (1080, 12_000), "white")
    pen = ImageDraw.Draw(page)
    for line in range(0, 12_000, 40):
        pen.text((40, line), f"第 {line} 行 0123456789", fill="black")
    kept = clean(upload(encoded(page, "PNG")))

    assert (kept.width, kept.height) == (1080, 12_000)
    assert Image.open(BytesIO(kept.thumb)).size == (160, 320), "its beginning, not a thread"


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((4000, 3000), (1600, 1200)),
        ((3000, 4000), (1200, 1600)),
        ((4624, 2604), (2131, 1200)),
        ((3000, 3000), (1386, 1386)),
        ((1080, 2400), (1080, 2400)),
        ((1440, 12_000), (1200, 10_000)),
        ((1080, 20_000), (930, 17_213)),
        ((12_000, 300), (12_000, 300)),
        ((1, 70_000), (1, 65_000)),
        ((1, 1), (1, 1)),
    ],
)
def test_a_picture_is_kept_as_large_as_it_is_of_use(size: tuple[int, int], kept: tuple[int, int]) -> None:
    assert images.useful_size(*size) == kept


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 70_000), st.integers(1, 70_000))
def test_no_picture_is_kept_larger_than_it_was_or_than_a_phone_can_draw(width: int, height: int) -> None:
    kept = images.useful_size(width, height)
    assert kept[0] <= width
    assert kept[1] <= height
    assert kept[0] * kept[1] <= images.MOST_AREA * 1.05
    assert max(kept) <= 65_500


def test_a_thread_of_a_picture_is_taken_too() -> None:
    kept = clean(upload(encoded(Image.new("RGB", (3, 66_000), "red"), "PNG")))
    assert kept.height == 65_000


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (encoded(Image.new("1", (5001, 5000)), "PNG"), "5001×5000，共 2501 万像素，PNG 图片最多 2500 万像素"),
        (encoded(Image.new("1", (6000, 5000)), "GIF"), "GIF 图片最多 2500 万像素"),
        (encoded(Image.new("L", (8200, 8000)), "JPEG"), "JPEG 图片最多 6500 万像素"),
    ],
)
def test_a_refusal_names_the_limit_that_applied(content: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        clean(upload(content))
