"""The clock's own act: 已超期."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.db import session, transaction
from app.notices.models import Delivery
from app.tasks.clock import overdue
from app.tasks.models import PointTask, Task
from app.tasks.reading.heads import head


def test_a_passed_deadline_marks_the_row_and_tells_its_people_once_T68_T69_T76(world, told_time):
    task_id = world.published("130102")
    told_time.pass_(hours=9, minutes=1)

    assert overdue.scan() == 1
    assert overdue.scan() == 0

    assert world.row(task_id).label == "已超期"
    assert world.texts("王强")[1:] == [
        "【已超期提醒】：王强有一条应急事件任务已超期，请尽快完成并在长天长平台上的待办任务中办结任务。"
    ]
    assert world.texts("赵岚")[1:] == [
        "【已超期提醒】：区域长安区：王强的应急事件任务已超期，请及时跟进监督。"
    ]


def test_a_supervisor_of_many_places_gets_one_reminder_that_lists_them(world, told_time):
    world.published("130102", "130104", "130105", "310101")
    told_time.pass_(hours=10)
    overdue.scan()

    assert world.texts("赵岚")[1:] == [
        "【已超期提醒】：区域长安区、桥西区、新华区：王强等2人的应急事件任务已超期，请及时跟进监督。"
    ]
    assert len(world.texts("王强")) == 2


def test_closed_rows_are_left_alone(world, told_time):
    row = world.closed_point_task()
    told_time.pass_(days=2)

    assert overdue.scan() == 0
    assert world.row(row.task_id).label == "已办结"


def test_nobody_is_told_before_the_deadline(world, told_time):
    world.published("130102")
    told_time.pass_(hours=8, minutes=59)

    assert overdue.scan() == 0
    assert len(world.texts("王强")) == 1


def test_large_tasks_are_marked_in_chunks_and_told_when_none_is_left(world, told_time, monkeypatch):
    monkeypatch.setattr(overdue, "MARKED_AT_ONCE", 2)
    monkeypatch.setattr(overdue, "TOLD_AT_ONCE", 2)
    task_id = world.published("130102", "130104", "130105", "310101")
    told_time.pass_(hours=10)

    assert overdue.scan() == 4
    assert head(world.person("林敏"), task_id).counts["已超期"] == 4
    assert sum(wording.startswith("overdue.") for _, wording in world.queued()) == 6


@pytest.mark.proves("X-A3")
def test_a_scan_killed_before_telling_is_completed_by_the_next(world, told_time, monkeypatch):
    world.published("130102")
    told_time.pass_(hours=10)
    monkeypatch.setattr(overdue, "_announce", lambda _task_id: None)
    overdue.scan()
    monkeypatch.undo()

    assert overdue.scan() == 0
    assert len(world.texts("王强")) == 2


def test_telling_cut_off_half_way_goes_on_with_those_not_told_yet(world, told_time, monkeypatch):
    world.published("130102", "130105", "310101")
    told_time.pass_(hours=10)
    monkeypatch.setattr(overdue, "MARKED_AT_ONCE", 2)
    monkeypatch.setattr(overdue, "TOLD_AT_ONCE", 2)
    dialect = session().get_bind().dialect.name
    _run(_trap_for(dialect, world.by_name["顾东"]))
    overdue.scan()
    assert sorted(reminded(world)) == sorted(["王强", "李静", "沈海", "赵岚"])
    _run(["DROP TRIGGER trap" + ("" if dialect == "sqlite" else " ON delivery")])

    assert overdue.scan() == 0
    assert sorted(reminded(world)) == sorted(["王强", "李静", "沈海", "赵岚", "孙丽", "顾东"])


def test_a_row_marked_later_the_same_day_still_tells_its_people(world, told_time):
    task_id = world.published("130102", "130105")
    with transaction() as current:
        late = sa.update(PointTask).where(PointTask.place_code == "130105")
        current.execute(late.values(next_look_at=told_time.moment + timedelta(hours=11)))
    told_time.pass_(hours=10)
    overdue.scan()
    assert sorted(reminded(world)) == sorted(["王强", "赵岚", "孙丽"])
    told_time.pass_(hours=2)

    assert overdue.scan() == 1
    assert world.row(task_id, "130105").label == "已超期"
    assert sorted(reminded(world)) == sorted(["王强", "赵岚", "孙丽", "李静"])


def test_a_row_that_cannot_be_marked_is_postponed_and_the_others_go_on(world, told_time):
    task_id = world.published("130102", "130104", "130105")
    bad = world.row(task_id, "130104").id
    with transaction() as current:  # items_done > items_total would fail the check, so the trap is a trigger
        current.execute(sa.text(_trap(current.get_bind().dialect.name, bad)[0]))
        for more in _trap(current.get_bind().dialect.name, bad)[1:]:
            current.execute(sa.text(more))
    told_time.pass_(hours=10)

    assert overdue.scan() == 2
    assert world.row(task_id, "130105").label == "已超期"
    assert world.row(task_id, "130104").label == "正常"
    assert world.row(task_id, "130104").next_look_at > told_time.moment


@pytest.mark.proves("B-O2")
def test_the_empty_pass_asks_the_index_only(world):
    query = sa.select(PointTask.id).where(
        PointTask.next_look_at.is_not(None), PointTask.next_look_at <= sa.func.current_timestamp()
    )
    if session().get_bind().dialect.name == "sqlite":
        compiled = (
            query.order_by(PointTask.next_look_at).limit(1000).compile(compile_kwargs={"literal_binds": True})
        )
        plan = session().execute(sa.text(f"EXPLAIN QUERY PLAN {compiled}")).all()
        assert "ix_point_task_next_look_at" in str(plan)


def test_a_revoked_task_reminds_nobody(world, told_time):
    task_id = world.published("130102")
    with transaction() as current:
        current.execute(
            sa.update(Task)
            .where(Task.id == task_id)
            .values(revoked_at=told_time.moment, revoked_by_id=world.by_name["林敏"])
        )
    told_time.pass_(hours=10)
    overdue.scan()

    count = session().execute(sa.select(sa.func.count()).select_from(Delivery)).scalar_one()
    assert count == 3


def reminded(world):
    """Who was told that something is overdue."""
    return [name for name, wording in world.queued() if wording.startswith("overdue.")]


def _run(statements):
    with transaction() as current:
        for statement in statements:
            current.execute(sa.text(statement))


def _trap_for(dialect, person_id):
    """No message to this person can be kept."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER trap BEFORE INSERT ON delivery WHEN NEW.recipient_id = {person_id} "
            "BEGIN SELECT RAISE(ABORT, 'trap'); END"
        ]
    return [
        "CREATE FUNCTION trap() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER trap BEFORE INSERT ON delivery FOR EACH ROW WHEN (NEW.recipient_id = {person_id}) "
        "EXECUTE FUNCTION trap()",
    ]


def _trap(dialect, row_id):
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER trap BEFORE UPDATE OF overdue_at ON point_task WHEN NEW.id = {row_id} "
            "BEGIN SELECT RAISE(ABORT, 'trap'); END"
        ]
    return [
        "CREATE FUNCTION trap() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER trap BEFORE UPDATE OF overdue_at ON point_task FOR EACH ROW WHEN (NEW.id = {row_id}) "
        "EXECUTE FUNCTION trap()",
    ]
