"""Turns every mode and depth in which pictures are stored into plain RGB, as it is seen: sRGB of eight bits, on a ground."""

import logging
from io import BytesIO

from PIL import Image, ImageCms, ImageMath

log = logging.getLogger(__name__)

PLAIN = ("RGB", "L", "CMYK", "YCbCr")
SRGB = ImageCms.createProfile("sRGB")
LONGEST_PROFILE = 4 * 1024 * 1024  # bytes; those of printing presses have about 2 MB
MODE_OF_SPACE = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
STEP_OF_16_BITS = 257  # 65535 : 255

WHITE, DARK = (255, 255, 255), (32, 32, 34)
SEEN = 128  # from this opacity on a pixel counts as seen
LIGHT = 200  # brighter pixels can hardly be told from a white ground
MOST_DARK_PIXELS = 0.02  # of those that are seen, where white is not the ground they were drawn for


def plain(image: Image.Image) -> Image.Image:
    """The same picture in a mode that can be blended: RGB, RGBA, L, CMYK or YCbCr of eight bits.

    What is so already is handed back as it is, not yet decoded.
    """
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.has_transparency_data:
        return _with_alpha(image)
    if image.mode in PLAIN:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def as_seen(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A `plain` picture in sRGB, without alpha and without anything but pixels.

    What was transparent is white; dark where all that is seen is so light that
    it would vanish on white.
    """
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = _in_srgb(image.convert("RGB") if alpha is not None else image, profile)
    canvas = Image.new("RGB", image.size, _ground(colours, alpha) if alpha is not None else WHITE)
    canvas.paste(colours, mask=alpha)
    return canvas


def _from_16_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits; Pillow would cut off everything above 255 instead of scaling it."""
    whole = image.convert("I")
    grey = whole.point(lambda value: value * (1 / STEP_OF_16_BITS) + 0.5).convert("L")
    key = image.info.get("transparency")
    if not isinstance(key, int):
        return grey
    hidden = ImageMath.lambda_eval(lambda given: given["whole"] == key, whole=whole)
    alpha = hidden.point(lambda value: value * -255 + 255).convert("L")
    return Image.merge("RGBA", (grey, grey, grey, alpha))


def _with_alpha(image: Image.Image) -> Image.Image:
    """With a channel for what is transparent, however it was stored."""
    key = image.info.get("transparency")
    if image.mode == "RGB" and isinstance(key, tuple) and max(key) > 255:
        # A PNG of 16 bits: Pillow has read the upper eight of each colour, but not of the transparent one.
        image.info["transparency"] = tuple(value >> 8 for value in key)
    return image.convert("RGBA")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours that the profile means. One that cannot be used counts as none, as in browsers."""
    if profile and len(profile) <= LONGEST_PROFILE:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if MODE_OF_SPACE.get(source.profile.xcolor_space.strip()) == image.mode:
                found = ImageCms.profileToProfile(
                    image, source, SRGB, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB"
                )
                return found if found is not None else image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError) as error:
            log.info("colour profile not used: %s", error)
    return image.convert("RGB")


def _ground(colours: Image.Image, alpha: Image.Image) -> tuple[int, int, int]:
    """What to put behind: white, unless nearly everything that is seen would vanish on it."""
    bright = colours.convert("L").histogram(mask=alpha.point(lambda value: 255 if value >= SEEN else 0))
    seen, dark = sum(bright), sum(bright[:LIGHT])
    return DARK if seen and dark <= seen * MOST_DARK_PIXELS else WHITE
