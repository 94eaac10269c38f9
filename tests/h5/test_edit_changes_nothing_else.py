"""编辑任务: what was changed in the form changes, and nothing else (T-11)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app import clock
from app.db import Base, session
from app.tasks.clock import overdue
from app.tasks.field import implement
from app.tasks.managing import supervise
from app.tasks.models import PointTask
from app.tasks.rollback import rolling_back
from tests.h5.conftest import Browser, Open
from tests.h5.forms import as_shown
from tests.told_time import ToldTime
from tests.world import World

CODES = ("130102", "130104", "130105", "310101")
IMPLEMENTERS = dict(zip(CODES, ("王强", "王强", "李静", "沈海"), strict=True))
WAYS: dict[str, dict[str, str]] = {
    "a moment": {"due_at": "2026-12-04T18:00"},
    "the last minute": {"due_at": "2026-12-04T23:59"},
    "a bare date": {"due_at": "2026-12-04"},
    "working days": {"due_by": "days", "due_days": "9", "due_at": ""},
}
STATES = ("open", "noted", "half done", "closed", "sent back", "sent back, earlier", "sent back, later")
EARLIER, LATER, LATEST = "2026-12-02 12:00", "2026-12-24 12:00", "2027-02-01 18:00"
MINUTES = count()
WATCHED = ("task", "point_task", "task_item", "task_count", "history_event", "delivery", "amendment")

Snapshot = dict[tuple[str, object], dict[str, Any]]
Change = tuple[str, object, str]


def moment(text: str) -> datetime:
    return clock.from_local(datetime.fromisoformat(text))


def everything() -> Snapshot:
    session().rollback()
    found: Snapshot = {}
    for name in WATCHED:
        table = Base.metadata.tables[name]
        for row in session().execute(sa.select(table)).mappings():
            if name == "task_count" and not row["rows"]:
                continue  # a label that nobody wears any more
            found[name, tuple(row[key] for key in table.primary_key.columns)] = dict(row)
    session().rollback()
    return found


def differences(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for table, key in before.keys() | after.keys():
        old, new = before.get((table, key), {}), after.get((table, key), {})
        yield from ((table, key, name) for name in old.keys() | new.keys() if old.get(name) != new.get(name))


class Story:
    """An 升级任务 at four places, each in a state of its own, and the form that edits it."""

    def __init__(
        self,
        world: World,
        browser_of: Open,
        told_time: ToldTime,
        data: st.DataObject,
        *first: str,
    ) -> None:
        self.world, self.told_time = world, told_time
        told_time.at(f"2026-11-23 09:{next(MINUTES) % 60:02}")  # a person may do so much in one minute
        states = [*first, *(data.draw(st.sampled_from(STATES)) for _ in CODES[len(first) :])]
        self.way = data.draw(st.sampled_from(sorted(WAYS)), label="way")
        self.states = dict(zip(CODES, states, strict=True))
        self.rolled_back = data.draw(st.booleans(), label="rolled back")
        self.late = data.draw(st.booleans(), label="late")
        self.task_id = self.publish(browser_of("林敏"))
        for code, state in self.states.items():
            self.bring(code, state)
        if self.rolled_back:
            self.roll_back()
        if self.late:
            told_time.at("2026-12-20 10:00")
            overdue.scan()
        self.page, self.browser = f"/tasks/{self.task_id}/edit", browser_of("林敏")

    def publish(self, browser: Browser) -> int:
        patch = self.world.patch("模块A", "模块B", version=self.world.key()[:12])
        form = {"act": "publish", "type": "升级任务", "patch": str(patch), "urgency": "紧急"}
        form |= {"places": ",".join(CODES), "note": "请先备份。\n再升级。"}
        answer = browser.submit("/tasks/new", "/tasks/new", **form | WAYS[self.way])
        assert answer.status_code == 302, answer.text
        return int(answer.headers["Location"].rpartition("/")[2])

    def bring(self, code: str, state: str) -> None:
        row, by = self.world.row(self.task_id, code), IMPLEMENTERS[code]
        if state == "noted":
            self.world.feed_back(row, by=by, done=False, note="已到现场")
        elif state == "half done":
            self.feed_back(row.id, row.items[0].id, by=by)
        elif state != "open":
            self.world.close(row, by=by)
            if state != "closed":
                self.send_back(row.id, {"earlier": EARLIER, "later": LATER}.get(state.partition(", ")[2]))

    def feed_back(self, row_id: int, item_id: int, *, by: str) -> None:
        implement.feed_back(
            row_id,
            by=self.world.person(by),
            done_item_ids={item_id},
            note="",
            seen_version=None,
            form_key=self.world.key(),
        )

    def send_back(self, row_id: int, due: str | None) -> None:
        row = session().get_one(PointTask, row_id)
        supervise.send_back(
            row_id,
            by=self.world.person("林敏"),
            item_ids={row.items[0].id},
            reason="抽查没有做完",
            impact="无",
            new_due_at=moment(due) if due else None,
            seen_version=None,
            form_key=self.world.key(),
        )

    def roll_back(self) -> None:
        modules = {item.module_id for item in self.world.row(self.task_id).items[:1]}
        rolling_back.roll_back(
            self.task_id,
            by=self.world.person("林敏"),
            module_ids={one for one in modules if one},
            reason="有问题",
            seen_version=None,
            form_key=self.world.key(),
        )

    def save(self, **changes: str) -> set[Change]:
        """What is different after the form was sent as it was shown, but for `changes`."""
        shown = as_shown(self.browser.get(self.page).text, self.page)
        before = everything()
        answer = self.browser.visitor.post(self.page, data=shown | changes)
        assert answer.status_code == 302, answer.text
        return set(differences(before, everything()))


EXAMPLES = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=[Phase.generate],
)


@EXAMPLES
@given(data=st.data())
def test_the_form_sent_as_it_was_shown_changes_nothing_T11(
    browser_of: Open, world: World, told_time: ToldTime, data: st.DataObject
) -> None:
    assert Story(world, browser_of, told_time, data).save() == set()


@EXAMPLES
@given(data=st.data())
def test_one_changed_field_changes_itself_alone_T11(
    browser_of: Open, world: World, told_time: ToldTime, data: st.DataObject
) -> None:
    story = Story(world, browser_of, told_time, data)
    field, typed, column = data.draw(
        st.sampled_from([("urgency", "一般", "urgency"), ("note", "改了说明", "note")])
    )

    task = ("task", (story.task_id,))
    own = {change for change in story.save(**{field: typed}) if change[0] not in SAID}
    assert own == {(*task, column), (*task, "version")}


@EXAMPLES
@given(data=st.data())
def test_a_new_deadline_moves_the_rows_that_have_none_of_their_own_T11_Q10(
    browser_of: Open, world: World, told_time: ToldTime, data: st.DataObject
) -> None:
    story = Story(world, browser_of, told_time, data, "sent back, earlier", "sent back, later")
    new = data.draw(st.sampled_from(["2027-01-10 18:00"] if story.late else ["2026-11-30 18:00", LATEST]))
    too = data.draw(st.booleans(), label="rows with their own as well")
    before = {code: deadline(world, story.task_id, code) for code in CODES}
    of_task = world.row(story.task_id).task.due_at
    waits = {code: waited_for(world.row(story.task_id, code)) for code in CODES}

    ticked = {"own_due_too": "1"} if too else {}
    changed = story.save(due_at=new.replace(" ", "T"), due_by="time", **ticked)

    assert world.row(story.task_id).task.due_at == moment(new)
    assert {change[2] for change in changed if change[0] == "point_task"} <= FOLLOWS
    assert not [change for change in changed if change[0] == "task_item"]
    for code, due in before.items():
        own = due in (moment(EARLIER), moment(LATER))
        stays = not waits[code] or (own and not too) or (own and of_task < moment(new) < due)
        assert deadline(world, story.task_id, code) == (due if stays else moment(new)), code


SAID = ("history_event", "delivery", "amendment")
FOLLOWS = {"due_at", "due_given_at", "next_look_at", "overdue_at", "escalated_at", "label", "version"}


def deadline(world: World, task_id: int, code: str) -> datetime:
    return world.row(task_id, code).due_at


def waited_for(row: PointTask) -> bool:
    return row.closed_at is None and row.items_total > 0
