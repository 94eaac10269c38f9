"""The 升级任务 of the demo: its 补丁包, the module that proved faulty, and the rollback of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from app import clock
from app.db import session
from app.people.models import Person
from app.tasks.field import implement
from app.tasks.labels import ItemState, TrialState
from app.tasks.models import PointTask, Task, TaskItem
from app.tasks.patches import registering
from app.tasks.patches.registering import PatchPackage
from app.tasks.rollback import rolling_back

FAULTY = "征收模块"
PATCH = PatchPackage(
    name="征管补丁",
    version="3.2.1",
    modules=(
        ("申报模块", "修复个别纳税人重复申报的问题。\n升级前请备份申报库，升级约需 10 分钟。"),
        (FAULTY, "调整税率取数口径。\n升级后请抽查三笔开票金额。"),
        ("对账模块", "对账结果增加差异明细，可导出。"),
    ),
    test_state=TrialState.PASSED,
    sent_by="测试一部 方晴",
)
REPAIRED = replace(
    PATCH,
    version="3.2.2",
    modules=((FAULTY, "修复 3.2.1 中小规模纳税人税率取数错误。"),),
    test_state=TrialState.SENT,
)
WHY = "征收模块 3.2.1 对小规模纳税人取错税率，请按升级前备份还原，还原后抽查三笔开票金额。"
AGO = timedelta(minutes=20)
DOOR = "登记页"


def register(*, by: Person, sent_at: datetime) -> int:
    """Register the package, and the one that will repair it; returns the id of the first."""
    patch_id, _ = registering.register(replace(PATCH, sent_at=sent_at), by=by, sender=DOOR)
    registering.register(replace(REPAIRED, sent_at=clock.now()), by=by, sender=DOOR)
    return patch_id


def roll_back(task_id: int, *, by: Person, due_at: datetime, key: str) -> None:
    """Take the faulty module back a moment ago; the first who has to restore it has done so."""
    patch = session().get_one(Task, task_id).patch
    modules = {module.id for module in patch.modules if module.name == FAULTY} if patch else set()
    with clock.standing_at(clock.now() - AGO):
        done = rolling_back.roll_back(
            task_id,
            by=by,
            module_ids=modules,
            reason=WHY,
            due_at=due_at,
            seen_version=None,
            form_key=f"{key}-roll-back",
        )
    if done is None:  # an earlier seed has done it
        return
    waiting = sa.select(TaskItem.point_task_id).where(TaskItem.state == ItemState.TO_ROLL_BACK)
    query = sa.select(PointTask).where(PointTask.task_id == task_id, PointTask.id.in_(waiting))
    row = session().execute(query.order_by(PointTask.id).limit(1)).unique().scalar_one()
    implement.feed_back(
        row.id,
        by=row.implementer,
        done_item_ids={item.id for item in row.items if item.state != ItemState.OPEN},
        note="已按备份还原，抽查正常。",
        seen_version=None,
        form_key=f"{key}-restored",
    )
