"""What people and the clock do to the task of a `Stage`, each as the door would: with the form that was opened before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations_with_replacement

from app import clock
from app.db import session
from app.insight import files
from app.notices import presses
from app.notices.aftercare.queue import Press
from app.notices.ledger import retrying
from app.notices.sending.verdicts import Claimed, Tried
from app.people.models import Person
from app.tasks.clock import overdue, reminders
from app.tasks.field import handing_on, implement, pressing, several
from app.tasks.managing import pausing, supervise
from app.tasks.models import PointTask
from app.tasks.publishing import copied_in, edit
from app.tasks.rollback import rolling_back
from app.work import scanning
from tests import mail
from tests.crash.scene import Act, Scene, Step, entering
from tests.crash.stage import CLOSED, EVENING, FURTHER, OPEN, READY, Stage, stage, standing, wrong

ACTS: list[Act[Stage]] = []


@entering(ACTS, "反馈", "王强")
def _feed_back(stage: Stage, key: str, by: Person) -> None:
    implement.feed_back(
        stage.rows[OPEN],
        by=by,
        done_item_ids={stage.items[OPEN][0]},
        note="已升级一项",
        seen_version=stage.versions[OPEN],
        form_key=key,
    )


@entering(ACTS, "说明", "赵岚", "孙丽")
def _remark(stage: Stage, key: str, by: Person) -> None:
    implement.feed_back(
        stage.rows[READY],
        by=by,
        done_item_ids=None,
        note=f"{by.name}看过",
        seen_version=None,
        form_key=key,
    )


@entering(ACTS, "批量反馈", "王强")
def _feed_back_many(stage: Stage, key: str, by: Person) -> object:
    rows = {stage.rows[READY], stage.rows[OPEN]}
    return several.feed_back(stage.task_id, by=by, row_ids=rows, set_done=True, note="一起", form_key=key)


@entering(ACTS, "办结", "王强", "赵岚")
def _close(stage: Stage, key: str, by: Person) -> None:
    implement.close(stage.rows[READY], by=by, seen_version=stage.versions[READY], form_key=key)


@entering(ACTS, "批量办结", "王强", "孙丽")
def _close_many(stage: Stage, key: str, by: Person) -> object:
    rows = {stage.rows[READY], stage.rows[OPEN]}
    return several.close(stage.task_id, by=by, row_ids=rows, form_key=key)


@entering(ACTS, "卡片办结", "王强")
def _press(stage: Stage, key: str, by: Person) -> str:
    press = Press(by.userid, stage.card, "close", str(stage.rows[READY]), f"pressed-{key}", key)
    return presses.carry_out(press, pressing.CLOSE)


@entering(ACTS, "转派", "王强", "赵岚")
def _transfer(stage: Stage, key: str, by: Person) -> None:
    to_id = stage.world.by_name["李静"]
    version = stage.versions[OPEN]
    handing_on.transfer(
        stage.rows[OPEN], by=by, to_id=to_id, reason="换人", seen_version=version, form_key=key
    )


@entering(ACTS, "紧急转派", "何志远")
def _hand_on(stage: Stage, key: str, by: Person) -> None:
    people = stage.world.by_name
    handing_on.hand_on(
        people["王强"], {stage.rows[OPEN]}, by=by, to_id=people["李静"], reason="住院", form_key=key
    )


@entering(ACTS, "撤回附件", "王强")
def _take_back(stage: Stage, _key: str, by: Person) -> None:
    files.take_back(stage.file, by=by)


@entering(ACTS, "打回", "林敏", "周总")
def _send_back(stage: Stage, key: str, by: Person) -> None:
    supervise.send_back(
        stage.rows[CLOSED],
        by=by,
        item_ids=set(stage.items[CLOSED]),
        reason="未启用",
        impact="窗口",
        new_due_at=clock.now() + timedelta(days=1),
        seen_version=stage.versions[CLOSED],
        form_key=key,
    )


@entering(ACTS, "催办", "林敏", "周总")
def _urge(stage: Stage, key: str, by: Person) -> None:
    supervise.urge(stage.rows[OPEN], by=by, form_key=key)


@entering(ACTS, "一键催办", "林敏", "周总")
def _urge_all(stage: Stage, key: str, by: Person) -> object:
    return supervise.urge_all(stage.task_id, by=by, form_key=key).people


def _edit(stage: Stage, key: str, by: Person, *codes: str, **changes: object) -> None:
    task = {"type": "升级任务", "patch_id": stage.patch_id, "due_at": stage.due_at, **changes}
    form = stage.world.form(*(codes or (READY, OPEN, CLOSED)), **task)
    edit.edit(stage.task_id, form, by=by, seen_version=stage.versions["task"], form_key=key)


@entering(ACTS, "编辑说明", "林敏", "周总")
def _edit_note(stage: Stage, key: str, by: Person) -> None:
    _edit(stage, key, by, note=f"{by.name}改了说明")


@entering(ACTS, "改期", "林敏", "周总")
def _edit_due(stage: Stage, key: str, by: Person) -> None:
    _edit(stage, key, by, due_at=EVENING + timedelta(days=2 if by.name == "林敏" else 3))


@entering(ACTS, "改点位", "林敏", "周总")
def _edit_places(stage: Stage, key: str, by: Person) -> None:
    _edit(stage, key, by, READY, CLOSED, FURTHER, due_at=EVENING + timedelta(days=4))


@entering(ACTS, "撤销", "林敏", "周总")
def _revoke(stage: Stage, key: str, by: Person) -> object:
    version = stage.versions["task"]
    return supervise.revoke(stage.task_id, by=by, reason="有误", seen_version=version, form_key=key)


@entering(ACTS, "升级回退", "林敏", "周总")
def _roll_back(stage: Stage, key: str, by: Person) -> object:
    return rolling_back.roll_back(
        stage.task_id,
        by=by,
        module_ids={stage.modules[0]},
        reason="取数有误",
        seen_version=stage.versions["task"],
        form_key=key,
    )


@entering(ACTS, "暂停提醒", "林敏", "周总")
def _pause(stage: Stage, key: str, by: Person) -> None:
    pausing.pause_reminders(
        stage.task_id,
        by=by,
        to=(clock.local(EVENING) + timedelta(days=2)).date(),
        reason=f"{by.name}说停",
        seen_version=stage.versions["task"],
        form_key=key,
    )


@entering(ACTS, "恢复提醒", "林敏", "周总", paused=True)
def _resume(stage: Stage, key: str, by: Person) -> None:
    pausing.resume_reminders(stage.task_id, by=by, seen_version=stage.versions["task"], form_key=key)


@entering(ACTS, "更新抄送人", "何志远")
def _renew_copies(stage: Stage, _key: str, by: Person) -> object:
    return copied_in.update_copied_in([READY, OPEN, CLOSED], by=by)


@entering(ACTS, "补发", "林敏", "周总")
def _retry(stage: Stage, _key: str, by: Person) -> None:
    retrying.retry(stage.lost, by=by)


def _mark() -> None:
    while ids := scanning.due(PointTask.next_look_at, now=clock.now()):
        overdue._mark(ids, clock.now())


def _tell(stage: Stage) -> None:
    """People are told of what is overdue; the clock looks again where somebody came between."""
    for _ in range(5):
        if stage.task_id not in overdue._tasks_to_announce(clock.now()):
            break
        overdue._announce(stage.task_id)


def _scan(stage: Stage, _number: int) -> Sequence[Step]:
    return [_mark, lambda: _tell(stage)]


def _remind(_stage: Stage, _number: int) -> Sequence[Step]:
    return [reminders.scan]


@dataclass(frozen=True)
class Taken:
    """WeCom took a message."""

    msgid: str = "taken"
    response_code: str = ""
    invalid: tuple[str, ...] = ()
    unlicensed: tuple[str, ...] = ()


def _send(_stage: Stage, _number: int) -> Sequence[Step]:
    """The sender takes what is due, and writes down what became of it."""
    claimed: list[Claimed] = []

    def claim() -> None:
        claimed.extend(mail.claimed(200))

    def record() -> None:
        now = clock.now()
        mail.record([Tried(row, Taken(), now) for row in claimed])

    return [claim, record]


ACTS += [Act("超期扫描", _scan, cuts=2), Act("提醒", _remind), Act("投递", _send, cuts=2)]


def settle(stage: Stage) -> None:
    """The next scan: it says what somebody who came between kept the last one from saying."""
    session().rollback()
    _mark()
    _tell(stage)


TASKS = Scene(
    ACTS,
    list(combinations_with_replacement(ACTS, 2)),
    lambda world, paused: stage(world, paused=paused),
    settle,
    standing,
    wrong,
)
"""Every act on a task with every other one and with itself."""
