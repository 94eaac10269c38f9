"""Draws uploaded pictures anew: upright, of a useful size, without EXIF, place or anything else hidden in them."""

import warnings
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps

from app.errors import BadInput

LONGEST_SIDE = 1600  # pixels
THUMB_SIDE = 320
MOST_PIXELS = (
    65_000_000  # phones photograph with up to 64 million, and a JPEG is decoded at a fraction of that
)
MOST_PIXELS_WHOLE = 25_000_000  # PNG and WebP are decoded whole, some of them twice: 200 MB
MOST_SCANS = 200  # a progressive JPEG has about 10; thousands of them keep a decoder busy for minutes
FROM_CAMERAS = ("JPEG", "MPO")  # MPO: a JPEG with further pictures behind it
SMALL_PROFILE = 4096  # bytes; a phone's colour profile has about 600

BROKEN = "图片已损坏，请重新拍摄或选择。"
TOO_LARGE = "图片的长宽太大，请缩小到 2500 万像素（例如 5000×5000）以内后再上传。"

# Pillow only warns between its own limit and twice that; for us both are refusals.
warnings.simplefilter("error", Image.DecompressionBombWarning)
# One picture at a time per process: the memory it takes is bounded by the limits above, not by the number of visitors.
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Drawn:
    """A picture as JPEG, and a small copy of it."""

    content: bytes
    thumb: bytes
    width: int
    height: int


def redraw(content: bytes) -> Drawn:
    """Decode `content` (JPEG, PNG, WebP) and encode what can be seen of it; BadInput where it cannot be decoded."""
    if content.count(b"\xff\xda") > MOST_SCANS and content.startswith(b"\xff\xd8"):
        raise BadInput(BROKEN)
    with _one_at_a_time:
        try:
            return _drawn(content)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise BadInput(TOO_LARGE) from None
        except BadInput:
            raise
        except Exception:  # whatever broken bytes lead Pillow's decoders to
            raise BadInput(BROKEN) from None


def _drawn(content: bytes) -> Drawn:
    with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
        if image.width * image.height > (MOST_PIXELS if image.format in FROM_CAMERAS else MOST_PIXELS_WHOLE):
            raise BadInput(TOO_LARGE)
        icc = image.info.get("icc_profile") if image.mode == "RGB" else None
        shrunk = image.convert("RGBA") if image.mode in ("1", "P") else image  # palettes cannot be blended
        # Asks the JPEG decoder for 1/2, 1/4 or 1/8 of the size, as long as that is at least 1.1 times ours.
        shrunk.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=1.1)
        ImageOps.exif_transpose(shrunk, in_place=True)
        clean = _on_white(shrunk)
    profile = icc if icc and len(icc) <= SMALL_PROFILE else None
    thumb = clean.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    return Drawn(_jpeg(clean, 85, profile), _jpeg(thumb, 75, profile), clean.width, clean.height)


def _on_white(image: Image.Image) -> Image.Image:
    """A new picture: what was transparent is white, and nothing but pixels is carried over."""
    canvas = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        canvas.paste(image, mask=image.getchannel("A"))
    else:
        canvas.paste(image.convert("RGB"))
    return canvas


def _jpeg(image: Image.Image, quality: int, profile: bytes | None) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, icc_profile=profile)
    return out.getvalue()
