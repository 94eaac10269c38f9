"""Gives every row of a merged range the value that a person sees there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.sheets.marks import Range


class Merged:
    """The merged ranges below a header; rows are handed in from the top, once each.

    `columns` are the positions (from 0) that are read. A range over several
    of them has one value for two meanings: `unclear` names it.
    """

    def __init__(self, ranges: Iterable[Range], columns: Mapping[int, str], *, header: int) -> None:
        self.unclear: list[Range] = []
        self._beginning: dict[int, list[tuple[Range, int]]] = {}
        self._open: list[tuple[Range, int, Any]] = []
        for one in ranges:
            touched = [n for n in columns if one.first_column <= n + 1 <= one.last_column]
            if one.first_row <= header or not touched:
                continue
            if len(touched) > 1 or touched[0] + 1 != one.first_column:
                self.unclear.append(one)
            elif one.last_row > one.first_row:
                self._beginning.setdefault(one.first_row, []).append((one, touched[0]))

    def filled(self, number: int, row: Sequence[Any]) -> Sequence[Any]:
        """The cells of a row, those below the first one of their range filled in."""
        self._open = [one for one in self._open if one[0].last_row >= number]
        cells = list(row)
        for _, position, first in self._open:
            if position < len(cells):
                cells[position] = first
        for one, position in self._beginning.get(number, ()):
            if position < len(cells):
                self._open.append((one, position, cells[position]))
        return cells
