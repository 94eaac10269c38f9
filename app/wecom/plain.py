"""Text that people typed, made safe for WeCom's clients and cut to its lengths (X-S8, X-B10)."""

import re

# One character class: the regular expression engine passes over harmless text in half a microsecond.
_SUSPECT = re.compile(r"[<>&$\]\x00-\x09\x0b-\x1f\x7f-\x9f/wW\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_VARIABLE = re.compile(r"\$(?=\w+=)")
_WEB = re.compile(r"www\.", re.IGNORECASE)
_FULL_WIDTH = str.maketrans("<>&", "＜＞＆")


def harmless(text: str) -> str:
    """`text` so that WeCom shows it and acts on nothing in it.

    Texts may hold <a>, <div>, [links](…), $userName=…$ and addresses that
    turn into links; the signs that make them are replaced by their full-width
    twins, which read the same. Control characters go, line breaks stay.
    """
    if not _SUSPECT.search(text):
        return text
    text = _CONTROL.sub("", text.replace("\t", " ")).translate(_FULL_WIDTH)
    text = _VARIABLE.sub("＄", text).replace("](", "］(").replace("//", "／／")
    return _WEB.sub("www．", text)


def cut(text: str, longest: int) -> str:
    """`text` harmless and at most `longest` characters, with … where something is missing."""
    text = harmless(text)
    if len(text) <= longest:
        return text
    # A joiner or a variation mark left at the end would act on the … instead of its emoji.
    return text[: longest - 1].rstrip("\u200d\ufe0e\ufe0f \n") + "…"


def cut_bytes(text: str, longest: int) -> str:
    """`text` at most `longest` bytes of UTF-8, between characters, with … where something is missing."""
    raw = text.encode()
    if len(raw) <= longest:
        return text
    return raw[: max(longest - 3, 0)].decode(errors="ignore") + "…"
