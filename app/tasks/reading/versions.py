"""Which version of every module each place runs now, as far as the reader may see."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Select

from app.db import session
from app.people.models import Person
from app.places.models import Place
from app.tasks import access
from app.tasks.filters import Filter
from app.tasks.labels import ItemState
from app.tasks.models import Patch, PatchModule, PointTask, TaskItem

PAGE = 100
PLACES = 50  # read at a time by an export
EVERYTHING = Filter()


class VersionLine(NamedTuple):
    """A module at a place: the version that was upgraded to last and not restored since."""

    place: str
    path: str
    package: str
    module: str
    version: str
    since: datetime
    state: int  # ItemState.TO_ROLL_BACK where it still must be restored
    row_id: int

    @property
    def parents(self) -> str:
        """What the place lies in."""
        return self.path.removesuffix(self.place).removesuffix(" / ")

    @property
    def to_restore(self) -> bool:
        """True where this version is to be taken back."""
        return self.state == ItemState.TO_ROLL_BACK


def running(
    person: Person,
    *,
    narrowed: Filter = EVERYTHING,
    patch_id: int | None = None,
    limit: int | None = PAGE,
    skip: int = 0,
) -> list[VersionLine]:
    """The lines in the order of places; `narrowed` may name 大区 and 区划, `limit` None means all of them.

    A module that was restored runs what it ran before, if that came through a
    task. Rows the person may not see count as if they were not there.
    """
    query = statement(person, narrowed=narrowed, patch_id=patch_id).limit(limit).offset(skip)
    return [VersionLine._make(row) for row in session().execute(query)]


def every(
    person: Person, *, narrowed: Filter = EVERYTHING, patch_id: int | None = None
) -> Iterator[VersionLine]:
    """All the lines in the same order, read some places at a time."""
    after = ""
    while codes := _places(person, narrowed, after=after):
        query = statement(person, narrowed=narrowed, patch_id=patch_id, codes=codes)
        yield from (VersionLine._make(row) for row in session().execute(query).all())
        after = codes[-1]


def count(person: Person, *, narrowed: Filter = EVERYTHING, patch_id: int | None = None, most: int) -> int:
    """How many lines there are; it stops counting at `most`."""
    lines = statement(person, narrowed=narrowed, patch_id=patch_id).limit(most).subquery()
    return session().execute(sa.select(sa.func.count()).select_from(lines)).scalar_one()


def _places(person: Person, narrowed: Filter, *, after: str) -> list[str]:
    """The next places with upgrades."""
    query = (
        sa.select(PointTask.place_code)
        .join(TaskItem, TaskItem.point_task_id == PointTask.id)
        .where(PointTask.place_code > after, *_counted(person, narrowed))
        .distinct()
        .order_by(PointTask.place_code)
    )
    return list(session().execute(query.limit(PLACES)).scalars())


def statement(
    person: Person,
    *,
    narrowed: Filter = EVERYTHING,
    patch_id: int | None = None,
    codes: Collection[str] | None = None,
) -> Select[Any]:
    """The query behind `running` and `every`; `codes` are the only places meant."""
    of_places = [PointTask.place_code.in_(codes)] if codes is not None else []
    now = _upgraded(person, narrowed).where(*of_places).subquery().c
    of_patch = [now.patch_id == patch_id] if patch_id is not None else []
    return (
        sa.select(
            *(Place.name, Place.path, now.package, now.module, now.version, now.done_at),
            *(now.state, now.row_id),
        )
        .join(Place, Place.code == now.place_code)
        .where(now.nth == 1, *of_patch)
        .order_by(now.place_code, now.package, now.position, now.module)
    )


def _upgraded(person: Person, narrowed: Filter) -> Select[Any]:
    """Every upgrade that was not taken back; `nth` counts from the newest of a module at a place."""
    nth = sa.func.row_number().over(
        partition_by=(PointTask.place_code, Patch.name, PatchModule.name),
        order_by=(TaskItem.done_at.desc(), TaskItem.id.desc()),
    )
    columns: list[Any] = [
        PointTask.place_code,
        PatchModule.position,
        Patch.version,
        TaskItem.done_at,
        TaskItem.state,
    ]
    named: dict[str, Any] = {
        "patch_id": Patch.id,
        "package": Patch.name,
        "module": PatchModule.name,
        "row_id": PointTask.id,
    }
    return (
        sa.select(*columns, *(column.label(name) for name, column in named.items()), nth.label("nth"))
        .select_from(TaskItem)
        .join(PatchModule, PatchModule.id == TaskItem.module_id)
        .join(Patch, Patch.id == PatchModule.patch_id)
        .join(PointTask, PointTask.id == TaskItem.point_task_id)
        .where(*_counted(person, narrowed))
    )


def _counted(person: Person, narrowed: Filter) -> tuple[sa.ColumnElement[bool], ...]:
    """Items that were upgraded and not restored since, as far as the person may see."""
    upgraded = TaskItem.state.in_((ItemState.DONE, ItemState.TO_ROLL_BACK))
    return (upgraded, access.visible_to(person), *narrowed.conditions())
