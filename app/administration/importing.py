"""The workbook of people, 大区, departments and 支持区域, brought in with a report and on record.

A file is checked as a whole; then it is written in parts, so that nobody else
waits for thousands of rows. What is cut off on the way is told as such, and
the same file again writes the rest.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.administration import facts
from app.db import Session, among, let_others_write, session, transaction
from app.errors import BadInput, Busy, Refusal
from app.locks import repeatable
from app.people import administrators, areas, differences, importing, names, registry, staffing
from app.people.differences import Difference, Standing
from app.people.importing import AREAS, PEOPLE, Checked
from app.people.models import ROLE_NAMES, Department, Person, Region
from app.people.staffing import Area, Organisation
from app.sheets import workbook
from app.sheets.workbook import Problem
from app.work import history
from app.work.history import Subject

IMPORT = "import"
OF_NO_ROW = "people_import"  # the subject of the event that tells of the whole file


@dataclass(frozen=True)
class RowResult:
    """What becomes of one row of the file."""

    sheet: str
    row: int
    name: str
    standing: Standing


@dataclass(frozen=True)
class Report:
    """What a file would do or did; with problems, or with `hidden` that nobody agreed to, it does nothing."""

    problems: list[Problem]
    notes: list[str]
    hidden: list[str] = field(default_factory=list)
    difference: Difference | None = None
    rows: list[RowResult] = field(default_factory=list)
    written: bool = False

    @property
    def changing(self) -> list[RowResult]:
        """The rows that are not as they were."""
        return [row for row in self.rows if row.standing is not Standing.KEPT]

    @property
    def lines(self) -> list[str]:
        """The changes in words, one line per kind."""
        if self.difference is None:
            return []
        counted: dict[str, Iterable[Standing]] = {
            "大区": self.difference.regions.values(),
            "部门": self.difference.departments.values(),
            "人员": self.difference.people.values(),
            "支持区域": self.difference.areas.values(),
        }
        return [_line(name, Counter(standings)) for name, standings in counted.items()]


def import_file(file: Path, *, by: Person | None, dry_run: bool = False, with_hidden: bool = False) -> Report:
    """Check every row; write all of them, or none where something is wrong. `by` is None on the command line.

    What the file hides is written only `with_hidden`. Raises BadInput where
    `file` is no usable workbook, or where nobody would be left to administer;
    NotAllowed for someone who is no administrator; Busy where writing was cut
    off, which says how far it came.
    """
    return write(check(file), by=by, dry_run=dry_run, with_hidden=with_hidden)


def check(file: Path) -> Checked:
    """What the file asks for, row by row compared with what is stored."""
    return importing.check(workbook.read(file, importing.LAYOUTS), registry.from_database())


def write(
    checked: Checked,
    *,
    by: Person | None,
    dry_run: bool = False,
    with_hidden: bool = False,
    progress: staffing.Progress | None = None,
) -> Report:
    """As `import_file`, of a file that was checked."""
    if by is not None:
        administrators.require(by)
    if checked.problems:
        return Report(checked.problems, checked.notes, checked.hidden)
    difference = differences.between(session(), checked.organisation)
    _require_an_administrator(difference)
    may_write = with_hidden or not checked.hidden
    report = Report(
        problems=[],
        notes=checked.notes,
        hidden=checked.hidden,
        difference=difference,
        rows=_rows(checked, difference),
        written=may_write and not dry_run,
    )
    if report.written:
        _write_all(difference, report, by=by, progress=progress or (lambda _rows: None))
    return report


def _write_all(
    difference: Difference, report: Report, *, by: Person | None, progress: staffing.Progress
) -> None:
    whole, done = len(difference.to_write), 0
    try:
        for part in differences.parts(difference):
            _write(part, by=by)
            done += len(part)
            progress(len(part))
            let_others_write()
        _note(report, by=by)
    except (Refusal, DBAPIError) as error:
        if not done:
            raise
        raise Busy(
            f"导入没有完成：{whole} 项变更已写入 {done} 项。请稍后用同一个文件再导入一次，已写入的不会重复。"
        ) from error
    finally:
        names.PEOPLE.forget()
        names.REGIONS.forget()


@repeatable
def _write(part: Organisation, *, by: Person | None) -> None:
    """One part, with an event for every person, 大区 and department that it changes."""
    with transaction() as current:
        areas.one_editor_at_a_time(current)
        before_them = administrators.present(current)
        before = _stored(current, part)
        stood = _standing(current, part.areas)
        staffing.apply(current, part)
        administrators.require_one_left(before_them, current)
        for kind, facts_after in _stored(current, part).items():
            changes = facts.changed(before[kind], facts_after)
            told = {row_id: {"changes": one} for row_id, one in changes.items()}
            history.record_many(current, kind, told, IMPORT, by=by)
        if by is not None:  # what the command line does to 支持区域 is counted in the file's event
            areas.note_steps(current, stood, _standing(current, part.areas), by=by)


@repeatable
def _note(report: Report, *, by: Person | None) -> None:
    """One event for the whole file, when all of it is written."""
    with transaction() as current:
        history.note(current, OF_NO_ROW, 0, IMPORT, by=by, changes=report.lines)


def _require_an_administrator(difference: Difference) -> None:
    """Refuse before anything is written what would leave nobody to administer."""
    query = sa.select(Person.userid).where(Person.id.in_(administrators.present(session())))
    present = set(session().execute(query).scalars())
    people = difference.to_write.people
    lost = {userid for userid in difference.administrators if not _administers(people[userid])}
    left = sa.select(Person.userid).where(among(Person.userid, people.keys()), Person.left_at.is_not(None))
    gained = difference.administrators - lost - set(session().execute(left).scalars())
    if present and not (present - lost) | gained:
        raise BadInput(administrators.LAST_ONE)


def _administers(row: staffing.Row) -> bool:
    return "administrator" in {str(role) for role in row.get("roles", ())}


def _rows(checked: Checked, difference: Difference) -> list[RowResult]:
    """Every row of 人员 and 支持区域 with what becomes of it; of several areas the one that changes counts."""
    people = checked.organisation.people
    found = [
        RowResult(PEOPLE, row, f"{people[userid]['name']}（{userid}）", difference.people[userid])
        for userid, row in checked.person_rows.items()
    ]
    of_row: dict[int, dict[Area, Standing]] = {}
    for area, row in checked.area_rows.items():
        of_row.setdefault(row, {})[area] = difference.areas[area]
    for row, standings in sorted(of_row.items()):
        roles = dict.fromkeys(ROLE_NAMES[role] for _, role in standings)
        changing = [one for one in standings.values() if one is not Standing.KEPT]
        found.append(RowResult(AREAS, row, "、".join(roles), changing[0] if changing else Standing.KEPT))
    return found


Stored = Mapping[type[Subject], Mapping[int, facts.Facts]]


def _stored(current: Session, part: Organisation) -> Stored:
    query = sa.select(Person.id).where(among(Person.userid, part.people.keys()))
    return {
        Person: facts.of_people(current, list(current.execute(query).scalars())),
        Region: facts.of_regions(current),
        Department: facts.of_departments(current),
    }


def _standing(current: Session, wanted: Collection[Area]) -> dict[Area, list[int]]:
    """Who stands at the areas that are named; those with nobody included."""
    found = areas.standing_at(current, {code for code, _ in wanted}) if wanted else {}
    return {area: found.get(area, []) for area in wanted}


def _line(name: str, count: Mapping[Any, int]) -> str:
    removed = f"，清空 {count[Standing.REMOVED]}" if count[Standing.REMOVED] else ""
    return (
        f"{name}：新增 {count[Standing.ADDED]}，变更 {count[Standing.CHANGED]}{removed}，"
        f"未变 {count[Standing.KEPT]}"
    )
