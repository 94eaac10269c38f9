"""Open rows of somebody who was disabled or has left: nothing reaches them, so whoever can help is told by name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

import sqlalchemy as sa

from app.db import Session, session
from app.notices.queue import outbox
from app.notices.telling import Letter, Recipient, Telling
from app.people.models import Person, Who
from app.places.models import Place
from app.tasks import access
from app.tasks.access import PERSON, ROW
from app.tasks.models import PointTask
from app.tasks.telling import letters
from app.tasks.telling.about import People, recipients
from app.tasks.telling.naming import POINTS, places_listed
from app.tasks.telling.points import Point, names_of
from app.work.models import HistoryEvent

BY_WHOM = "（主管或服务经理可转派）"
TITLE = "人员停用"
SUPERVISOR, PUBLISHER = "disable.supervisor", "disable.publisher"


@dataclass(frozen=True, slots=True)
class Departed:
    """Somebody who is out of reach, and how many open rows wait for them."""

    name: str
    userid: str
    rows: int

    @property
    def query(self) -> str:
        """What narrows a list to their rows."""
        return urlencode({"person": f"{self.name} ({self.userid})"})


def sentence(names: Iterable[str], *, may_transfer: bool = True) -> str:
    """王强 已停用，收不到提醒，请转派."""
    return f"{'、'.join(names)} 已停用，收不到提醒，请转派{'' if may_transfer else BY_WHOM}"


def in_task(person: Who, task_id: int) -> list[Departed]:
    """实施人 of open rows of a task who are out of reach, as far as `person` sees the rows."""
    # Few have left, and each is asked for by index; a join would read all rows of a large task.
    left = list(session().execute(sa.select(PERSON.id).where(PERSON.left_at.is_not(None))).scalars())
    if not left:
        return []
    query = (
        sa.select(PERSON.name, PERSON.userid, sa.func.count())
        .where(ROW.task_id == task_id, ROW.implementer_id.in_(left), PointTask.is_open)
        .where(PERSON.id == ROW.implementer_id, access.visible_to(person))
        .group_by(PERSON.id, PERSON.name, PERSON.userid, PERSON.pinyin)
        .order_by(PERSON.pinyin, PERSON.id)
    )
    return [Departed(*found) for found in session().execute(query)]


class Waiting(NamedTuple):
    """An open row of somebody who is out of reach, and whose task it is."""

    point: Point
    publisher_id: int


def tell(current: Session, person: Person, event: HistoryEvent) -> int:
    """Inside transaction(), as somebody is disabled: who can hand their rows on is told, and the publishers.

    Returns how many rows wait. One message per person, however many rows and tasks.
    """
    rows = _waiting(current, person.id)
    points = [row.point for row in rows]
    people = recipients(current, points, also={row.publisher_id for row in rows})
    outbox.announce(current, event, told(people[person.id], rows, people) if rows else ())
    return len(rows)


def told(who: Recipient, rows: Sequence[Waiting], people: People) -> Iterator[Telling]:
    """The 主管 of each row, who may hand it on, else its 服务经理; its publisher, who reads it in the app.

    Where a row has nobody who could hand it on, the publisher's message rings.
    """
    helped: dict[int, list[Waiting]] = defaultdict(list)
    published: dict[int, list[Waiting]] = defaultdict(list)
    alone: set[int] = set()
    for row in rows:
        published[row.publisher_id].append(row)
        helpers = (row.point.supervisor_id, row.point.service_manager_id)
        helper = next((one for one in helpers if one and one != who.id and not people[one].left), None)
        if helper is None:
            alone.add(row.publisher_id)
        else:
            helped[helper].append(row)
    for person_id, own in helped.items():
        buttons = letters.HANDS_ON if len(own) == 1 else letters.LOOKS
        letter = Letter(SUPERVISOR, TITLE, facts=_facts(who, own), buttons=buttons, noun=POINTS)
        yield _telling(letter, who, people[person_id], own)
    for person_id, own in published.items():
        facts, view = _facts(who, own), letters.LOOKS
        in_app = person_id not in alone
        letter = Letter(PUBLISHER, TITLE, facts=facts, buttons=view, in_app=in_app, noun=POINTS)
        yield _telling(letter, who, people[person_id], own)


def _facts(who: Recipient, own: Sequence[Waiting]) -> tuple[tuple[str, str], ...]:
    return (("实施人", who.name), ("未办结", f"{len(own)} 个点位"))


def _telling(letter: Letter, who: Recipient, to: Recipient, own: Sequence[Waiting]) -> Telling:
    names = names_of(row.point for row in own)
    values = {"name": who.name, "place": places_listed(names), "number": str(len(own))}
    if len(own) == 1:
        return Telling(letter, to, values, names, f"/point-tasks/{own[0].point.id}")
    link = f"/tasks?all=1&{Departed(who.name, who.userid, len(own)).query}"
    return Telling(letter, to, values, names, link)


def _waiting(current: Session, person_id: int) -> list[Waiting]:
    people = (ROW.implementer_id, ROW.supervisor_id, ROW.service_manager_id)
    query = (
        sa.select(ROW.id, Place.name, *people, Place.path, ROW.publisher_id)
        .join_from(PointTask.__table__, Place.__table__, Place.code == ROW.place_code)
        .where(ROW.implementer_id == person_id, PointTask.is_open)
        .order_by(ROW.task_id, ROW.id)
    )
    return [Waiting(Point(*found[:6]), found[6]) for found in current.execute(query)]


def of_row(row: PointTask) -> str:
    """The name of a row's 实施人 where the row is open and nothing reaches them, else ""."""
    return row.implementer.name if row.is_open and row.implementer.left_at else ""
