"""Brings the 行政区划 tree in line with a file; what vanished is ended, never deleted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.db import Session, transaction
from app.errors import BadInput
from app.locks import repeatable
from app.places.editions import Division, Edition
from app.places.models import Place
from app.places.names import PLACES
from app.places.picker import TREE

DEFAULT_FILE = Path(__file__).with_name("divisions.csv")
# A file says which codes exist, not since when. The first import dates its codes back to the
# first edition of the code book (GB 2260-80); later imports date new codes by the file itself.
FIRST_DAY = date(1980, 1, 1)
CHUNK = 500  # rows per statement batch, and the step of the progress bar
ENDING_SHARE = 0.1  # more than this vanishing at once is rather an incomplete file

Progress = Callable[[int], object]
Row = dict[str, Any]


@dataclass
class Changes:
    """What an import does to the table; rows are keyed by code."""

    added: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    divided: list[str] = field(default_factory=list)  # points that have places below them now
    ended_on: date | None = None
    kept: int = 0

    def __len__(self) -> int:
        return len(self.added) + len(self.changed) + len(self.ended)


@repeatable
def import_edition(
    edition: Edition,
    *,
    dry_run: bool = False,
    allow_many_ended: bool = False,
    progress: Progress | None = None,
) -> Changes:
    """Bring the table in line with `edition` in one transaction; repeating it changes nothing.

    Raises BadInput when more than a tenth of the places would end, unless told
    that this is meant. With `dry_run` nothing is written.
    """
    with transaction() as current:
        changes = _compare(current, edition)
        present = changes.kept + len(changes.changed) + len(changes.ended)
        if len(changes.ended) > present * ENDING_SHARE and not allow_many_ended:
            raise BadInput(
                f"文件里缺少 {len(changes.ended)} 个现有行政区划，多半不是完整的文件，未导入任何内容。"
                "确认要停用它们时，请加上 --allow-many-ended 重试。"
            )
        if not dry_run:
            _write(current, changes, progress or (lambda _rows: None))
    PLACES.forget()
    TREE.forget()
    return changes


def _rows(edition: Edition) -> dict[str, Row]:
    """What the table should say of every division, dates left out."""
    parents = {one.parent for one in edition.divisions.values()}
    rows = {}
    for one in edition.divisions.values():
        chain = list(_chain(one, edition.divisions))
        rows[one.code] = {
            "code": one.code,
            "name": one.name,
            "level": one.level,
            "parent_code": one.parent or None,
            "province_code": chain[0].code,
            "city_code": next((above.code for above in chain if above.level == 2), None),
            "path": " / ".join(above.name for above in chain),
            "pinyin": one.pinyin,
            "initials": one.initials,
            "is_leaf": one.code not in parents,
            "lng": one.lng,
            "lat": one.lat,
            "datum": one.datum,
            "coordinate_source": one.coordinate_source,
        }
    return rows


def _chain(one: Division, divisions: Mapping[str, Division]) -> Iterator[Division]:
    """From the province down to the division itself."""
    if one.parent:
        yield from _chain(divisions[one.parent], divisions)
    yield one


def _compare(current: Session, edition: Edition) -> Changes:
    stored = {row.code: dict(row._mapping) for row in current.execute(sa.select(Place.__table__))}
    wanted = _rows(edition)
    since = edition.as_of if stored else FIRST_DAY
    changes = Changes(ended_on=edition.as_of)
    for code, row in wanted.items():
        if code not in stored:
            changes.added.append(row | {"valid_from": since, "valid_to": None})
        elif stored[code].items() >= (row | {"valid_to": None}).items():
            changes.kept += 1
        else:
            changes.changed.append(row | {"valid_to": None})
            if stored[code]["is_leaf"] and not row["is_leaf"]:
                changes.divided.append(code)
    changes.ended = [code for code, row in stored.items() if code not in wanted and row["valid_to"] is None]
    return changes


def _write(current: Session, changes: Changes, progress: Progress) -> None:
    for rows in _chunks(sorted(changes.added, key=lambda row: row["level"])):  # a parent before its children
        current.execute(sa.insert(Place), rows)
        progress(len(rows))
    if changes.changed:
        columns = [name for name in changes.changed[0] if name != "code"]
        update = (
            sa.update(Place.__table__)  # type: ignore[arg-type]  # a table, whatever its declared type says
            .where(Place.code == sa.bindparam("this_code"))
            .values({name: sa.bindparam(name) for name in columns})
        )
        for rows in _chunks(changes.changed):
            named = [{"this_code": row["code"], **{name: row[name] for name in columns}} for row in rows]
            current.execute(update, named)
            progress(len(rows))
    for codes in _chunks(changes.ended):
        ended = sa.update(Place).where(Place.code.in_(codes)).values(valid_to=changes.ended_on)
        current.execute(ended.execution_options(synchronize_session=False))
        progress(len(codes))


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
