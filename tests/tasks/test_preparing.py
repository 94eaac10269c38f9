"""A large publish is written in parts that nobody sees, and appears in one commit (B-P4)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.db import session, transaction
from app.errors import Conflict, NotFound
from app.insight import to_do
from app.notices.models import Delivery
from app.people.models import Person
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.patches import registering
from app.tasks.publishing import drafts, preparing, publish
from app.tasks.publishing.plan import plan_for
from app.tasks.publishing.planned_rows import rows_of_plan
from app.tasks.reading import outside, queries
from app.tasks.reading.tree import tree_months
from app.tasks.rollback import rolling_back
from app.work.models import HistoryEvent
from tests.tasks.test_progress import counted_anew, kept
from tests.tasks.test_rolling_back import WHY
from tests.world import World

CODES = ("130102", "130104", "130105", "310101")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than three items are many here, and a part holds three."""
    monkeypatch.setattr(preparing, "LARGE", 3)
    monkeypatch.setattr(preparing, "PART", 3)
    return


def number(kind: type, *conditions: object) -> int:
    """How many rows of a kind there are."""
    session().rollback()
    return session().execute(sa.select(sa.func.count()).select_from(kind).where(*conditions)).scalar_one()


def made_ready(world: World, patch_id: int) -> preparing.Prepared:
    """What a publish has written when it is killed just before it appears."""
    form = world.form(*CODES, type="升级任务", patch_id=patch_id)
    values = {"type": form.type, "urgency": form.urgency, "due_at": form.due_at, "patch_id": patch_id}
    rows = rows_of_plan(plan_for(form.place_codes))
    return preparing.prepare(values, rows, by=world.person("林敏"))


def test_written_in_parts_it_is_what_it_is_in_one_piece(world, monkeypatch):
    patch_id = world.patch()
    in_parts = world.published(*CODES, type="升级任务", patch_id=patch_id)
    monkeypatch.setattr(preparing, "LARGE", 1000)
    in_one = world.published(*CODES, type="升级任务", patch_id=patch_id)

    assert as_stored(in_parts) == as_stored(in_one)
    assert kept() == counted_anew()
    assert number(Task) == 2


def as_stored(task_id: int) -> list[object]:
    """Rows, items, messages and history of a task, but for their ids."""
    session().rollback()
    row, item, told = PointTask.__table__.c, TaskItem.__table__.c, Delivery.__table__.c
    columns = [column for name, column in row.items() if name not in ("id", "task_id")]
    rows = session().execute(sa.select(*columns).where(row.task_id == task_id).order_by(row.place_code))
    items = sa.select(row.place_code, item.name, item.state, item.module_id).where(
        row.task_id == task_id, item.point_task_id == row.id
    )
    events = sa.select(HistoryEvent.id).where(
        HistoryEvent.subject_kind == "task", HistoryEvent.subject_id == task_id
    )
    texts = sa.select(told.recipient_id, told.wording, told.text, told.outcome).where(
        told.event_id.in_(events)
    )
    return [
        [tuple(one) for one in rows],
        [tuple(one) for one in session().execute(items.order_by(item.id))],
        sorted(tuple(one) for one in session().execute(texts)),
    ]


def test_while_it_is_made_ready_nobody_sees_it(world):
    made_ready(world, world.patch())
    [row_id] = session().execute(sa.select(PointTask.id).where(PointTask.place_code == "130102")).scalars()

    for name in ("林敏", "王强", "赵岚", "周总"):
        person = world.person(name)
        assert queries.rows_page(person).rows == []
        assert tree_months(person) == []
        assert drafts.drafts_of(person) == []
        assert to_do.to_do(person).total == to_do.to_do(person).copied_in_open == 0
        with pytest.raises(NotFound):
            queries.point_task(person, row_id)
    assert outside.tasks(None, after=None, size=10) == ([], None)
    assert number(Delivery) == 0
    assert kept() == {}


def test_it_is_no_draft_to_go_on_with(world):
    hidden = made_ready(world, world.patch())
    with pytest.raises(NotFound):
        drafts.draft_of(world.person("林敏"), hidden.task_id)
    with pytest.raises(NotFound):
        publish.publish(world.form(), by=world.person("林敏"), form_key=world.key(), draft_id=hidden.task_id)


def test_its_package_stays_as_it_is_meanwhile_T22(world):
    made_ready(world, world.patch("模块A"))
    package = registering.PatchPackage("征管补丁", "3.2.1", (("模块B", ""),))
    with pytest.raises(Conflict, match="已用于升级任务"):
        registering.register(package, by=world.person("林敏"), sender="登记页")


@pytest.mark.proves("B-P4")
def test_others_write_between_the_parts(world, monkeypatch):
    written = []

    def meanwhile(_seconds: float) -> None:
        with transaction() as current:
            current.execute(sa.update(Person).where(Person.id == world.by_name["王强"]).values(position="x"))
        written.append(number(TaskItem))

    monkeypatch.setattr(preparing, "sleep", meanwhile)
    world.published(*CODES, type="升级任务", patch_id=world.patch())

    assert written == [3, 6, 9, 12]


def test_a_second_press_publishes_once_and_leaves_nothing_behind(world):
    form, key = world.form(*CODES, type="升级任务", patch_id=world.patch()), world.key()
    first, second = (publish.publish(form, by=world.person("林敏"), form_key=key) for _ in range(2))

    assert first == second
    assert (number(Task), number(PointTask), number(TaskItem)) == (1, 4, 12)


def test_a_draft_is_published_under_its_own_number(world):
    form = world.form(*CODES, type="升级任务", patch_id=world.patch())
    by = world.person("林敏")
    draft_id = drafts.save_draft(form, by=by, form_key=world.key())

    assert publish.publish(form, by=world.person("林敏"), form_key=world.key(), draft_id=draft_id) == draft_id
    assert number(Task) == 1


def test_what_a_crash_left_is_cleared_away_after_an_hour_and_nothing_else_is(world, told_time):
    patch_id = world.patch()
    made_ready(world, patch_id)
    published = world.published(*CODES, type="升级任务", patch_id=patch_id)
    told_time.pass_(minutes=50)
    assert preparing.clean_up() == 0

    told_time.pass_(minutes=11)
    assert preparing.clean_up() == 1
    assert (number(Task), number(PointTask), number(TaskItem)) == (1, 4, 12)
    assert number(PointTask, PointTask.task_id == published) == 4


def test_cleared_away_under_a_slow_publish_it_asks_to_try_again_and_publishes_nothing(world, monkeypatch):
    def too_late(_seconds: float) -> None:
        monkeypatch.setattr(preparing, "sleep", lambda _: None)
        monkeypatch.setattr(preparing, "FORGOTTEN_AFTER", timedelta(seconds=-1))
        preparing.clean_up()

    monkeypatch.setattr(preparing, "sleep", too_late)
    with pytest.raises(Conflict, match="请重新提交"):
        world.published(*CODES, type="升级任务", patch_id=world.patch())
    assert (number(Task), number(PointTask), number(TaskItem), number(Delivery)) == (0, 0, 0, 0)


def test_what_changes_while_a_rollback_is_foreseen_counts_as_it_is_then_Q14(world, monkeypatch):
    task_id = world.published("130102", "130104", type="升级任务", patch_id=world.patch("模块A"))
    [module] = world.row(task_id).task.patch.modules
    module_id = module.id
    real = rolling_back._foreseen

    def then_somebody_is_quicker(*given: object, **named: object) -> object:
        foreseen = real(*given, **named)
        world.feed_back(world.row(task_id))
        return foreseen

    monkeypatch.setattr(rolling_back, "_foreseen", then_somebody_is_quicker)
    done = rolling_back.roll_back(
        task_id,
        by=world.person("林敏"),
        module_ids={module_id},
        reason=WHY,
        seen_version=None,
        form_key=world.key(),
    )

    assert (done.to_restore, done.frozen) == (1, 1)
    assert [item.state for item in world.row(task_id).items] == [2]
    told = [wording for name, wording in world.queued() if name == "王强" and wording.startswith("roll_back")]
    assert told == ["roll_back.upgraded", "roll_back.not_upgraded"]
