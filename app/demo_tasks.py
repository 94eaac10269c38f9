"""The past of the demo: a few tasks, published and worked off by the product's own use cases.

Days count from today. The clock is told the time of every act, so that lists,
histories and messages read as if people had worked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

import sqlalchemy as sa

from app import clock, demo_upgrade
from app.db import session
from app.errors import NotAllowed
from app.people import queries as people
from app.people.models import Person
from app.tasks.clock import overdue
from app.tasks.field import implement
from app.tasks.labels import TaskType, Urgency
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.publishing import drafts, publish
from app.tasks.publishing.plan import PublishForm
from app.work.models import FormKey

KEY = "demo-seed-task-{}"  # form keys that never change: a seed that was cut short goes on where it stopped
OFFICE_HOURS = time(8, 30), time(18, 30)
DONE_NOTES = ("已按要求完成，现场已确认。", "已完成，数据核对无误。", "处理完毕，系统运行正常。")
OPEN_NOTES = ("现场停电，恢复后继续处理。", "正在协调当地配合，预计明天完成。")

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Story:
    """A task with a past: days count from today, `open_every`-th rows are still open."""

    key: str
    by: str
    type: TaskType
    urgency: Urgency
    note: str
    points: tuple[str, ...]  # the beginnings of place codes, or the userid of an 实施人
    published: tuple[int, str]
    due: tuple[int, str]
    open_every: int
    most: int = 1000  # points for each of `points`


STORIES = (
    Story(
        key="ningxia",
        by="luwenjing",
        type=TaskType.DATA_RUN,
        urgency=Urgency.NORMAL,
        note="请核对上月报表的上报数据，缺报的补报。",
        points=("64",),
        published=(-9, "09:05"),
        due=(-5, "18:00"),
        open_every=1000,
    ),
    Story(
        key="fujian",
        by="linmin",
        type=TaskType.DATA_RUN,
        urgency=Urgency.IMPORTANT,
        note="请重新调度本月数据，完成后抽查三条记录。",
        points=("35",),
        published=(-4, "09:12"),
        due=(2, "18:00"),
        open_every=7,
    ),
    Story(
        key="hebei",
        by="linmin",
        type=TaskType.EMERGENCY,
        urgency=Urgency.URGENT,
        note="部分地区登录异常，请重启接口服务并确认业务恢复。",
        points=("1301", "1306"),
        published=(-1, "14:05"),
        due=(-1, "22:00"),
        open_every=3,
        most=9,
    ),
    Story(
        key="shandong",
        by="linmin",
        type=TaskType.UPGRADE,
        urgency=Urgency.IMPORTANT,
        note="请在业务低峰时段升级，升级前备份；逐个模块升级，每完成一个反馈一个。",
        points=("3701",),
        published=(-2, "10:20"),
        due=(3, "18:00"),
        open_every=3,
    ),
    Story(
        key="gansu",
        by="luwenjing",
        type=TaskType.BIG_EVENT,
        urgency=Urgency.IMPORTANT_URGENT,
        note="活动期间请安排专人值守，每日巡检一次，发现问题立即电话上报。",
        points=("machunsheng",),
        published=(-1, "16:40"),
        due=(7, "20:00"),
        open_every=1,
    ),
)
DRAFT = "shanghai"
STEPS = 181  # tasks and their points, for the progress bar


def missing() -> bool:
    """True where nobody has published anything yet, or an earlier seed was cut short."""
    return not _anything_published() or _cut_short()


def seed(progress: Progress) -> None:
    """Publish the stories and work on them; what an earlier run did is not done twice."""
    for story in STORIES:
        _tell(story, progress)
    overdue.scan()
    _save_draft()


def _anything_published() -> bool:
    return session().execute(sa.select(sa.exists().select_from(Task))).scalar_one()


def _cut_short() -> bool:
    """True where an earlier seed began its tasks and did not reach the last one."""
    first, last = KEY.format(STORIES[0].key), KEY.format(DRAFT)
    keys = set(session().execute(sa.select(FormKey.key).where(FormKey.key.in_([first, last]))).scalars())
    return keys == {first}


def _tell(story: Story, progress: Progress) -> None:
    """Publish at the told time, then let most rows be done between then and now."""
    published, due = _moment(*story.published), _moment(*story.due)
    form = PublishForm(
        type=story.type,
        urgency=story.urgency,
        due_at=due,
        place_codes=tuple(_codes(story)),
        note=story.note,
        patch_id=_patch(story),
    )
    with clock.standing_at(published):
        task_id = publish.publish(form, by=_member(story.by), form_key=KEY.format(story.key))
    progress(1)
    rows = list(_rows(task_id))
    moments = _office_moments(published, min(due, clock.now()), len(rows))
    for n, (row, moment) in enumerate(zip(rows, moments, strict=False), start=1):
        with clock.standing_at(moment):
            if n % story.open_every:
                _finish(row, story, n)
            elif n % 2:
                done = row.items[: len(row.items) // 2]
                _feed_back(row, story, done=done, note=OPEN_NOTES[n // 2 % len(OPEN_NOTES)])
        progress(1)
    if story.type is TaskType.UPGRADE:
        by, key = _member(story.by), KEY.format(story.key)
        demo_upgrade.roll_back(task_id, by=by, due_at=_moment(1, "18:00"), key=key)


def _patch(story: Story) -> int | None:
    if story.type is not TaskType.UPGRADE:
        return None
    with clock.standing_at(_moment(-3, "15:40")):
        return demo_upgrade.register(by=_member(story.by), sent_at=_moment(-4, "17:05"))


def _codes(story: Story) -> Iterator[str]:
    staff = people.primary_staff()
    for points in story.points:
        if points.isdigit():
            matching = [code for code, who in staff.items() if code.startswith(points) and who.implementer_id]
        else:
            implementer = _member(points).id
            matching = [code for code, who in staff.items() if who.implementer_id == implementer]
        yield from sorted(matching)[: story.most]


@dataclass(frozen=True)
class _Row:
    """A row of a task, its 实施人 and its items."""

    id: int
    implementer_id: int
    items: Sequence[int]


def _rows(task_id: int) -> Iterator[_Row]:
    """The rows of a task, in an order that is not the map's."""
    query = sa.select(PointTask.id, PointTask.implementer_id, TaskItem.id)
    query = query.join(TaskItem, TaskItem.point_task_id == PointTask.id).where(PointTask.task_id == task_id)
    found = session().execute(query.order_by(PointTask.id, TaskItem.id)).all()
    rows = [
        _Row(row_id, implementer_id, [item[2] for item in items])
        for (row_id, implementer_id), items in groupby(found, key=lambda item: item[:2])
    ]
    for start in range(3):
        yield from rows[start::3]


def _finish(row: _Row, story: Story, n: int) -> None:
    _feed_back(row, story, done=row.items, note=DONE_NOTES[n % len(DONE_NOTES)])
    by = session().get_one(Person, row.implementer_id)
    implement.close(row.id, by=by, seen_version=None, form_key=_act_key(story, "close", row))


def _feed_back(row: _Row, story: Story, *, done: Sequence[int], note: str) -> None:
    implement.feed_back(
        row.id,
        by=session().get_one(Person, row.implementer_id),
        done_item_ids=set(done),
        note=note,
        seen_version=None,
        form_key=_act_key(story, "feed-back", row),
    )


def _act_key(story: Story, act: str, row: _Row) -> str:
    return f"{KEY.format(story.key)}-{act}-{row.id}"


def _save_draft() -> None:
    form = PublishForm(
        type=TaskType.EMERGENCY,
        urgency=Urgency.IMPORTANT,
        due_at=_moment(3, "12:00"),
        place_codes=("310101", "310104", "310105"),
        note="（草稿）待确认影响范围后发布。",
    )
    drafts.save_draft(form, by=_member("linmin"), form_key=KEY.format(DRAFT))


def _member(userid: str) -> Person:
    found = people.by_userid(userid)
    if found is None:
        raise NotAllowed(f"演示数据需要人员 {userid}，但现有人员不是演示组织，演示任务未写入。")
    return found


def _moment(days: int, wall_clock: str) -> datetime:
    """A time of day so many days from today, as people in the counties read it."""
    day = clock.today() + timedelta(days=days)
    return clock.from_local(datetime.combine(day, time.fromisoformat(wall_clock)))


def _office_moments(start: datetime, end: datetime, count: int) -> list[datetime]:
    """`count` moments in office hours, evenly between `start` and `end`."""
    minutes = [start + timedelta(minutes=n) for n in range(20, int((end - start).total_seconds() // 60))]
    opens, closes = OFFICE_HOURS
    working = [moment for moment in minutes if opens <= clock.local(moment).time() <= closes] or [end]
    return [working[n * len(working) // count] for n in range(count)]
