"""Conditions and labels have a face in Python and one in SQL; both say the same of any row."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock
from app.db import session
from app.tasks import changes, labelling
from app.tasks.labels import ItemState, label_of
from app.tasks.managing import who_saw
from app.tasks.models import PointTask, Task
from app.tasks.rollback import rolling_back, writing
from tests.told_time import ToldTime
from tests.world import World

MOMENTS = ("revoked_at", "rolled_back_at", "sent_back_at", "overdue_at", "next_look_at", "cannot_meet")
CONDITIONS = ("is_open", "is_late", "is_hopeless")
given_facts = st.fixed_dictionaries(
    {name: st.booleans() for name in (*MOMENTS, "closed_at")} | {"items_total": st.integers(0, 2)}
)


@pytest.fixture
def row(world: World) -> Iterator[PointTask]:
    """A row whose facts a test sets as it likes; nothing of it is kept."""
    yield world.point_task()
    session().rollback()


def make(row: PointTask, facts: dict[str, object]) -> None:
    """Give the row these facts: a moment is there or not."""
    session().rollback()
    for name in MOMENTS:
        setattr(row, name, clock.now() if facts[name] else None)
    if facts["cannot_meet"]:
        row.cannot_meet = row.due_at
    row.closed_at, row.closed_by_id = (
        (clock.now(), row.implementer_id) if facts["closed_at"] else (None, None)
    )
    row.items_total = facts["items_total"]
    session().flush()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=given_facts)
def test_what_python_says_of_a_row_sql_says_as_well(row: PointTask, facts: dict[str, object]) -> None:
    make(row, facts)
    columns = [getattr(PointTask, name) for name in CONDITIONS]
    in_sql = (
        session().execute(sa.select(*columns, labelling.label_once()).where(PointTask.id == row.id)).one()
    )

    in_python = [getattr(row, name) for name in CONDITIONS]
    # An unset deadline compares to nothing in SQL, which is as good as no.
    assert [bool(found) for found in in_sql[:-1]] == in_python
    assert in_sql[-1] == label_of(row)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=given_facts, after=given_facts)
def test_an_act_on_many_rows_labels_them_as_an_act_on_one(
    row: PointTask, facts: dict[str, object], after: dict[str, object]
) -> None:
    make(row, facts)
    now = {name: clock.now() if after[name] else None for name in (*MOMENTS[:4], "closed_at")}
    label = labelling.label_once(**now, items_total=PointTask.items_total - facts["items_total"])
    in_sql = session().execute(sa.select(label).where(PointTask.id == row.id)).scalar_one()

    make(row, after | {"items_total": 0})
    assert in_sql == label_of(row)


hours = st.integers(-3, 3).map(lambda hours: timedelta(hours=hours, minutes=30))
later = hours.filter(lambda length: length > timedelta(0))
DEADLINE = ("due_at", "next_look_at", "due_given_at", "overdue_at", "escalated_at")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(due=hours, of_task=hours, new=st.none() | later, given_one=st.booleans(), late=st.booleans())
def test_rows_that_a_rollback_opens_have_until_the_moment_that_a_row_sent_back_has(
    row: PointTask, told_time: ToldTime, due, of_task, new, given_one: bool, late: bool
) -> None:
    session().rollback()
    now = told_time.moment
    row.due_at, row.closed_at, row.closed_by_id = now + due, now, row.implementer_id
    row.due_given_at = now - timedelta(days=1) if given_one else None
    row.overdue_at = row.escalated_at = now if late else None
    row.items_total = row.items_done = 1
    session().flush()
    new_due_at, quiet_until = now + new if new else None, now + timedelta(days=1)
    facts = {name: getattr(row, name) for name in (*DEADLINE, "items_done")}
    one, item = SimpleNamespace(**facts), SimpleNamespace(id=1, name="模块A", state=ItemState.DONE)
    how = {"at": now, "new_due_at": new_due_at, "task_due_at": now + of_task, "quiet_until": quiet_until}
    changes.send_back(one, [item], {1}, **how)

    values = writing.facts_after(
        1, 0, nothing_left=False, due=(new_due_at, now + of_task), quiet_until=quiet_until
    )
    update = sa.update(PointTask).where(PointTask.id == row.id).values(values)
    session().execute(update.execution_options(synchronize_session=False))
    session().expire(row)

    assert [getattr(row, name) for name in DEADLINE] == [getattr(one, name) for name in DEADLINE]
    assert (row.closed_at, row.label) == (None, "升级回退")


@pytest.mark.parametrize("minutes", [None, -1, 0, 1])
def test_the_clock_is_silent_of_a_task_in_python_and_in_sql_alike(
    row: PointTask, minutes: int | None
) -> None:
    now = clock.now()
    row.task.silent_until = None if minutes is None else now + timedelta(minutes=minutes)
    session().flush()

    in_sql = sa.select(Task.silent_at(now)).where(Task.id == row.task_id)
    assert bool(session().execute(in_sql).scalar_one()) is row.task.is_silent(now) is (minutes == 1)
    speaks = sa.select(Task.id).where(Task.id == row.task_id, ~Task.silent_at(now))
    assert (session().execute(speaks).first() is None) is (minutes == 1)


def test_nobody_is_called_unseen_for_whom_nothing_waits(world: World) -> None:
    """谁看到了: a row that is 暂不升级 as a whole waits for nobody (Q16)."""
    task_id = world.upgrade("130102", "130105", modules=("模块A",))
    world.feed_back(world.row(task_id, "130102"))
    assert who_saw.unseen(task_id) == 1
    [module] = {item.module_id for item in world.row(task_id).items}
    how = {"reason": "请还原。", "seen_version": None, "form_key": world.key()}
    rolling_back.roll_back(task_id, by=world.person("林敏"), module_ids={module}, **how)

    assert who_saw.unseen(task_id) == 0
    assert [one.name for one in who_saw.seen_of(task_id) if one.unseen] == []


def test_a_moment_that_an_act_names_need_not_be_in_the_row(row: PointTask) -> None:
    later = clock.now() + timedelta(days=1)
    update = (
        sa.update(PointTask)
        .where(PointTask.id == row.id)
        .values(label=labelling.label_once(overdue_at=later))
    )
    session().execute(update.execution_options(synchronize_session=False))
    session().expire(row)
    assert row.label == "已超期"
