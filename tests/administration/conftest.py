"""Forms as an administrator would send them."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from app.administration.people import PersonForm
from app.people.models import Person


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """`workbook(人员=[(…), …])`: a file with these sheets, the first row of each its header."""

    def write(**sheets: list[tuple[str, ...]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "people.xlsx")
        return tmp_path / "people.xlsx"

    return write


def form_of(person: Person, **changes: object) -> PersonForm:
    """What the page of a person would send, with changes."""
    stored: dict[str, object] = {
        "name": person.name,
        "position": person.position,
        "mobile": person.mobile or "",
        "department_id": person.department_id,
        "region_id": person.region_id,
        "roles": person.roles,
    }
    return PersonForm(**(stored | changes))  # type: ignore[arg-type]
