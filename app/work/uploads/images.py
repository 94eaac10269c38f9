"""Draws uploaded pictures anew: upright, of a useful size, without EXIF, place or anything else hidden in them."""

from dataclasses import dataclass
from io import BytesIO
from math import sqrt
from threading import Lock

from PIL import Image, ImageOps, PngImagePlugin

from app.errors import BadInput
from app.work.uploads import colours

# A page of text is read along its short side: a long screenshot keeps its width, a photo becomes 1600×1200.
SHORT_SIDE = 1200  # pixels
USEFUL_AREA = 1600 * 1200
MOST_AREA = 16_000_000  # a screenshot of 15 screens; what a phone can still draw
LONGEST_SIDE = 65_000  # a JPEG can have 65,500
THUMB_SIDE = 320
MOST_SLENDER = 2  # of longer pictures the small copy shows the beginning

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")
MOST_PIXELS = (
    65_000_000  # phones photograph with up to 64 million, and a JPEG is decoded at a fraction of that
)
MOST_PIXELS_WHOLE = 25_000_000  # the others are decoded whole, some of them twice: 200 MB
MOST_SCANS = 200  # a progressive JPEG has about 10; thousands of them keep a decoder busy for minutes
FROM_CAMERAS = ("JPEG", "MPO")  # MPO: a JPEG with further pictures behind it

BROKEN = "{kind} 图片已损坏，请重新拍摄或选择。"
TOO_MANY_SCANS = "JPEG 图片已损坏或过于复杂（超过 {most} 次扫描），请重新拍摄或另存后再上传。"
TOO_LARGE = (
    "图片的长宽太大：{width}×{height}，共 {pixels} 万像素，{kind} 图片最多 {most} 万像素，"
    "请缩小（例如 {example}×{example}）后再上传。"
)

# `_require_size` refuses far less than Pillow's own limit, and says which limit it was.
Image.MAX_IMAGE_PIXELS = None
# Beyond it Pillow takes a PNG for broken; colour profiles of print are larger than its own limit of 1 MB.
PngImagePlugin.MAX_TEXT_CHUNK = colours.LONGEST_PROFILE
# One picture at a time per process: the memory it takes is bounded by the limits above, not by the number of visitors.
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Drawn:
    """A picture as JPEG, and a small copy of it."""

    content: bytes
    thumb: bytes
    width: int
    height: int


def redraw(content: bytes, *, kind: str = "JPEG") -> Drawn:
    """Decode `content` (FORMATS) and encode what can be seen of it, of an animation its first picture.

    `kind` is what refusals call it; BadInput where it cannot be decoded.
    """
    if content.startswith(b"\xff\xd8") and content.count(b"\xff\xda") > MOST_SCANS:
        raise BadInput(TOO_MANY_SCANS.format(most=MOST_SCANS))
    with _one_at_a_time:
        try:
            return _drawn(content, kind)
        except BadInput:
            raise
        except Exception:  # whatever broken bytes lead Pillow's decoders to
            raise BadInput(BROKEN.format(kind=kind)) from None


def _drawn(content: bytes, kind: str) -> Drawn:
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        _require_size(image, kind)
        profile = image.info.get("icc_profile")
        shrunk = colours.plain(image)
        # Asks the JPEG decoder for 1/2, 1/4 or 1/8 of the size, as long as that is at least 1.1 times ours.
        shrunk.thumbnail(useful_size(*image.size), Image.Resampling.LANCZOS, reducing_gap=1.1)
        ImageOps.exif_transpose(shrunk, in_place=True)
        clean = colours.as_seen(shrunk, profile)
    return Drawn(_jpeg(clean, 85), _jpeg(_thumb(clean), 75), clean.width, clean.height)


def _require_size(image: Image.Image, kind: str) -> None:
    most = MOST_PIXELS if image.format in FROM_CAMERAS else MOST_PIXELS_WHOLE
    pixels = image.width * image.height
    if pixels > most:
        raise BadInput(
            TOO_LARGE.format(
                kind=kind,
                width=image.width,
                height=image.height,
                pixels=-(-pixels // 10_000),
                most=most // 10_000,
                example=int(sqrt(most)) // 100 * 100,
            )
        )


def useful_size(width: int, height: int) -> tuple[int, int]:
    """How large to keep a picture of this size; files.js does the same before it sends one."""
    useful = max(SHORT_SIDE / min(width, height), sqrt(USEFUL_AREA / (width * height)))
    possible = min(1, sqrt(MOST_AREA / (width * height)), LONGEST_SIDE / max(width, height))
    scale = min(useful, possible)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _thumb(image: Image.Image) -> Image.Image:
    """The small copy; of a long picture its beginning, or nothing could be told from it."""
    beginning = (
        0,
        0,
        min(image.width, image.height * MOST_SLENDER),
        min(image.height, image.width * MOST_SLENDER),
    )
    thumb = image.crop(beginning)
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    return thumb


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
