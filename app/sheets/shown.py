"""What a person sees in a cell: numbers by their number format, so that 00123 stays 00123."""

import re
from datetime import date, datetime

from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

PLAIN = {"General", "@", "G/通用格式"}
LARGEST = 10**15  # beyond it Excel itself has lost digits
AS_TEXT = "请把单元格格式改为“文本”后重新填写。"
# One piece of a number format: a text, what is not shown, digits, a sign that stands for itself.
PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<unseen>_.|\*.|\[(?:Red|红色|Black|Blue|\$-\w+)\])'
    r"|(?P<digits>[0#?][0#?,]*(?:\.[0#?]+)?)|(?P<sign>[-+ ()/:￥$¥])",
    re.IGNORECASE,
)


def text_of(cell: ReadOnlyCell | EmptyCell, *, dates: bool) -> str:
    """The text of a cell, not tidied yet; `dates` where a date cell is as good as a written one.

    Raises ValueError(what is wrong, what to do) for what is no text: formulas, errors, other dates.
    """
    value = cell.value
    if value is None:
        return ""
    if getattr(cell, "data_type", "") == "f":
        raise ValueError("是公式", "请复制后“粘贴为值”。")
    if getattr(cell, "data_type", "") == "e":
        raise ValueError(f"是错误值 {value}", "请改成正确的内容。")
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return number(value, cell.number_format)
    if dates and isinstance(value, datetime | date):
        return str(value)[:16].removesuffix(" 00:00")
    raise ValueError(f"应是文字，现在是 {str(value)[:30]}", AS_TEXT)


def number(value: float, number_format: str) -> str:
    """A number as its format shows it; ValueError where the format hides what the number is."""
    if value != value or abs(value) >= LARGEST:
        raise ValueError(f"应是文字，现在是 {str(value)[:30]}", AS_TEXT)
    if number_format in PLAIN:
        shown = str(int(value)) if value == int(value) else f"{value:.10g}"
        if "e" not in shown:
            return shown
    else:
        section = number_format.split(";")[0]
        pieces = _pieces(section)
        if pieces is not None and value >= 0:
            return _filled(value, pieces)
    raise ValueError(f"单元格格式是“{number_format[:30]}”，显示的与存的不一样", AS_TEXT)


def _pieces(section: str) -> list[tuple[str, str]] | None:
    """(kind, text) of each piece of a format; None where it has others: percent, dates, exponents."""
    found, position = [], 0
    while position < len(section):
        piece = PIECE.match(section, position)
        if piece is None:
            return None
        kind = piece.lastgroup or ""
        found.append(("digits", piece[0]) if kind == "digits" else ("text", _text(piece, kind)))
        position = piece.end()
    return found if any(kind == "digits" for kind, _ in found) else None


def _text(piece: re.Match[str], kind: str) -> str:
    return "" if kind == "unseen" else piece[kind]


def _filled(value: float, pieces: list[tuple[str, str]]) -> str:
    """The digits put into their places; 000-0000 has several, filled from the right."""
    places = [text for kind, text in pieces if kind == "digits"]
    decimals = len(places[-1].partition(".")[2])
    whole, _, rest = f"{value:.{decimals}f}".partition(".")
    parts: list[str] = []
    for place in reversed(places[1:]):
        wide = len(place.partition(".")[0])
        parts.insert(0, whole[-wide:].rjust(place.count("0"), "0"))
        whole = whole[:-wide]
    before = places[0].partition(".")[0]
    whole = whole.rjust(before.count("0"), "0")
    parts.insert(0, f"{int(whole):,}" if "," in before and not whole.startswith("0") else whole)
    if decimals:
        shown = rest.rstrip("0") if "#" in places[-1].partition(".")[2] else rest
        parts[-1] += f".{shown}" if shown else ""
    texts = iter(parts)
    return "".join(next(texts) if kind == "digits" else text for kind, text in pieces)
