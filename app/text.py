"""What people write, tidied: blanks, line ends, and characters that nobody can see. Pure.

Nothing here asks whether this Python's Unicode tables know a character: the
ideographs of the newest extensions are in people's names years before.
"""

import re
import unicodedata

# Radicals, 々〇, the unified and the compatible ideographs; planes 2 and 3 are kept for ideographs as a whole.
HAN = "\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
BLANK = r"[\s\u200b\ufeff]"
_GAPS = re.compile(rf"(?<=[{HAN}]){BLANK}+(?=[{HAN}])")
_BLANKS = re.compile(rf"{BLANK}+")
_LINE_ENDS = re.compile(r"\r\n?|_x000D_\n?|\u2028|\u2029|\x0b")  # _x000D_ is how a sheet stores a CR
_BLANKS_BEFORE_END = re.compile(r"[^\S\n]+(?=\n|$)")


def one_line(text: str) -> str:
    """On one line, with one blank wherever there were several, line ends or full-width ones."""
    return _BLANKS.sub(" ", text).strip()


def name(text: str) -> str:
    """One line, without blanks between Chinese characters: 李　四 is 李四, Latin names keep theirs."""
    return _GAPS.sub("", one_line(text))


def lines(text: str) -> str:
    """The lines as they were written, indented as they were, each ended by one character."""
    ended = _LINE_ENDS.sub("\n", text.replace("\ufeff", "").replace("\u200b", ""))
    return _BLANKS_BEFORE_END.sub("", ended).strip()


def unreadable(text: str) -> str:
    """What is wrong with characters that people cannot read, in words; empty where nothing is."""
    for character in text.replace("\n", "").replace("\t", ""):
        kind = unicodedata.category(character)
        if kind == "Co":
            return f"含有私用区字符（U+{ord(character):04X}），在别的设备上显示不出来"
        if kind in ("Cc", "Cf", "Cs", "Zl", "Zp") or ord(character) & 0xFFFE == 0xFFFE:
            return "含有不可见字符"
    return ""
