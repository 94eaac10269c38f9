"""What a sheet says beside its cells: merged ranges, what is hidden, where its content ends."""

from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

from openpyxl.utils import range_boundaries


class Range(NamedTuple):
    """A merged range, counted from 1, both ends included."""

    text: str
    first_column: int
    first_row: int
    last_column: int
    last_row: int


@dataclass
class Marks:
    """What was found; rows and columns are counted from 1."""

    merged: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # from, to
    filtered: bool = False
    last_row: int = 0  # the last one with content: borders may go on for thousands
    cells: tuple[int, int] = (0, 0)  # where sheetData begins and ends in the bytes of the part

    def hides_column(self, number: int) -> bool:
        """True where the column is out of sight."""
        return any(first <= number <= last for first, last in self.hidden_columns)


class Hostile(ValueError):
    """A part with declarations that no spreadsheet program writes."""


def read(part: bytes) -> Marks:
    """Go through the XML of a sheet once. Raises expat.ExpatError, or Hostile."""
    return _Scan(part).marks


class _Scan:
    def __init__(self, part: bytes) -> None:
        self.marks = Marks()
        self._row = 0
        self._begins = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.Parse(part, True)

    def _start(self, tag: str, given: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self._row = int(given.get("r", self._row + 1))
                if _is_true(given.get("hidden")) or given.get("ht") in ("0", "0.0"):
                    self.marks.hidden_rows.add(self._row)
            case "v" | "t" | "f":
                self.marks.last_row = max(self.marks.last_row, self._row)
            case "col":
                if _is_true(given.get("hidden")):
                    self.marks.hidden_columns.append((int(given["min"]), int(given["max"])))
            case "mergeCell":
                self.marks.merged.append(_range(given["ref"]))
            case "autoFilter":
                self.marks.filtered = True
            case "sheetData":
                self._begins = self._parser.CurrentByteIndex

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "sheetData":
            self.marks.cells = (self._begins, self._parser.CurrentByteIndex)


def _refuse(*_declared: object) -> None:
    raise Hostile("DOCTYPE")


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")


def _range(text: str) -> Range:
    first_column, first_row, last_column, last_row = range_boundaries(text)
    return Range(text, first_column or 1, first_row or 1, last_column or 1, last_row or 1)
