"""Names of files: what people may see of them, and how a download announces one (RFC 6266, 5987). Pure."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 80  # characters before the extension
KNOWN = re.compile(r"\.(jpe?g|png|webp|gif|bmp|avif|pdf|docx|xlsx|pptx)$", re.IGNORECASE)
SEPARATORS = re.compile(r"[/\\]")
NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
UNSEEN = {
    "Cc",
    "Cf",
    "Cs",
    "Co",
    "Cn",
    "Zl",
    "Zp",
}  # control, direction and zero-width, surrogates, private, line ends


def cleaned(name: str, *, extension: str, default: str = "文件") -> str:
    """`name` without path and tricks, ending in the extension of what the file really is."""
    stem = KNOWN.sub("", _seen(name))
    return f"{stem[:LONGEST].strip(' .') or default}.{extension}"


def spoken(name: str, *, default: str = "文件") -> str:
    """`name` as a sentence about a refused file may quote it."""
    seen = _seen(name)
    if len(seen) > 40:
        return f"{seen[:25]}…{seen[-12:]}"
    return seen or default


def _seen(name: str) -> str:
    last = unicodedata.normalize("NFC", SEPARATORS.split(name)[-1])
    seen = "".join(c for c in last if unicodedata.category(c) not in UNSEEN)
    return NOT_IN_NAMES.sub("_", seen).rstrip(" .")


def disposition(name: str, *, inline: bool) -> str:
    """The Content-Disposition header: an ASCII name for old clients, the real one beside it."""
    extension = name.rsplit(".", 1)[-1]
    fallback = f"attachment.{extension}" if extension.isascii() and extension.isalnum() else "attachment"
    how = "inline" if inline else "attachment"
    return f"{how}; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='!#$&+^`|')}"
