"""The workbook of people, 大区, departments and 支持区域, brought in with a report and on record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.administration import facts
from app.db import Session, transaction
from app.locks import repeatable
from app.people import administrators, areas, importing, names, registry, staffing, workbook
from app.people.models import Department, Person, Region
from app.people.staffing import Area
from app.people.workbook import Problem
from app.work import history
from app.work.history import Subject

IMPORT = "import"
OF_NO_ROW = "people_import"  # the subject of the event that tells of the whole file


@dataclass(frozen=True)
class Report:
    """What a file would do or did; with problems it does nothing, and `changes` is None."""

    problems: list[Problem]
    notes: list[str]
    changes: staffing.Changes | None = None
    written: bool = False

    @property
    def lines(self) -> list[str]:
        """The changes in words, one line per kind."""
        if self.changes is None:
            return []
        counts = {
            "大区": self.changes.regions,
            "部门": self.changes.departments,
            "人员": self.changes.people,
            "支持区域": self.changes.areas,
        }
        return [_line(name, count) for name, count in counts.items()]


def import_file(file: Path, *, by: Person | None, dry_run: bool = False) -> Report:
    """Check every row; write all or nothing. `by` is None on the command line.

    Raises BadInput where `file` is no usable workbook, or where nobody would
    be left to administer; NotAllowed for someone who is no administrator.
    """
    return write(check(file), by=by, dry_run=dry_run)


def check(file: Path) -> importing.Checked:
    """What the file asks for, row by row compared with what is stored."""
    return importing.check(workbook.read(file, importing.LAYOUTS), registry.from_database())


@repeatable
def write(
    checked: importing.Checked,
    *,
    by: Person | None,
    dry_run: bool = False,
    progress: staffing.Progress | None = None,
) -> Report:
    """As `import_file`, of a file that was checked."""
    if by is not None:
        administrators.require(by)
    if checked.problems:
        return Report(checked.problems, checked.notes)
    with transaction() as current:
        areas.one_editor_at_a_time(current)
        before_them = administrators.present(current)
        before = _stored(current)
        wanted = checked.organisation.areas.keys()
        stood = _standing(current, wanted)
        changes = staffing.apply(current, checked.organisation, progress=progress)
        administrators.require_one_left(before_them, current)
        report = Report([], checked.notes, changes, written=not dry_run)
        _record(current, before, report, by=by)
        if by is not None:  # what the command line does to 支持区域 is counted in the file's event
            areas.note_steps(current, stood, _standing(current, wanted), by=by)
        if dry_run:
            current.rollback()
    names.PEOPLE.forget()
    names.REGIONS.forget()
    return report


Stored = Mapping[type[Subject], Mapping[int, facts.Facts]]


def _stored(current: Session) -> Stored:
    return {
        Person: facts.of_people(current),
        Region: facts.of_regions(current),
        Department: facts.of_departments(current),
    }


def _record(current: Session, before: Stored, report: Report, *, by: Person | None) -> None:
    """One event for the file, one for every person, 大区 and department that it changed."""
    history.note(current, OF_NO_ROW, 0, IMPORT, by=by, changes=report.lines)
    for kind, facts_after in _stored(current).items():
        changes = facts.changed(before[kind], facts_after)
        history.record_many(current, kind, {n: {"changes": one} for n, one in changes.items()}, IMPORT, by=by)


def _standing(current: Session, wanted: Collection[Area]) -> dict[Area, list[int]]:
    """Who stands at the areas that the file names; those with nobody included."""
    found = areas.standing_at(current, {code for code, _ in wanted})
    return {area: found.get(area, []) for area in wanted}


def _line(name: str, count: staffing.Count) -> str:
    removed = f"，清空 {count.removed}" if count.removed else ""
    return f"{name}：新增 {count.added}，变更 {count.changed}{removed}，未变 {count.kept}"
