"""Exported files, read back as people's Excel reads them."""

from io import BytesIO
from typing import Any

from openpyxl import load_workbook


def lines_in(content: bytes, sheet: str = "数据") -> list[list[Any]]:
    """Every line of a sheet, the head included."""
    return [list(line) for line in load_workbook(BytesIO(content))[sheet].iter_rows(values_only=True)]


def column(content: bytes, title: str) -> list[Any]:
    """The values below `title`."""
    head, *lines = lines_in(content)
    return [line[head.index(title)] for line in lines]
