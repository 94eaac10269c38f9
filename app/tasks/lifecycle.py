"""Who may do what to a row and to a task, from which facts. Pure; what an act changes stands in `changes`.

`RULES` is the one table: use cases, buttons, cards, "why not" answers, tests
and docs/rights.md read it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.tasks.labels import ItemState, RowFacts
from app.work import rules
from app.work.rules import Rule


class Act(StrEnum):
    """What people and the clock do to published work."""

    PUBLISH = "publish"
    SAVE_DRAFT = "save_draft"
    EDIT = "edit"
    REVOKE = "revoke"
    URGE_ALL = "urge_all"
    DETAILS = "details"
    URGE = "urge"
    SEND_BACK = "send_back"
    FEED_BACK = "feed_back"
    TRANSFER = "transfer"
    REASSIGN = "reassign"
    CLOSE = "close"
    ROLL_BACK = "roll_back"
    PAUSE_REMINDERS = "pause_reminders"
    RESUME_REMINDERS = "resume_reminders"
    OVERDUE = "overdue"
    REMIND = "remind"
    ESCALATE = "escalate"


class Part(StrEnum):
    """What a person is to one row."""

    PUBLISHER = "发布人"
    DEPARTMENT_MANAGER = "部门经理"
    REGION_MANAGER = "大区经理"
    SUPERVISOR = "主管"
    SERVICE_MANAGER = "服务经理"
    IMPLEMENTER = "实施人"
    ADMINISTRATOR = "管理员"  # of any row, but for what is theirs alone; it shows nobody a row


FIELD = frozenset({Part.IMPLEMENTER, Part.SUPERVISOR, Part.SERVICE_MANAGER})
MANAGING = frozenset({Part.PUBLISHER, Part.DEPARTMENT_MANAGER})


RESTORE = "（需回退）"
UNFINISHED = {ItemState.OPEN: "", ItemState.TO_ROLL_BACK: RESTORE}
"""Items that closing waits for (Q18), and what its refusal says of them."""
LONGEST_NAMES = 80  # characters of names in the short form: a place, a number and "more" go on the card, too


@dataclass(frozen=True)
class Facts:
    """What a guard needs to know of a row; `open_names` may be left out in lists."""

    revoked: bool
    closed: bool
    items_open: int
    open_names: tuple[str, ...] = ()
    frozen: bool = False  # every item is 暂不升级 (Q16)


@dataclass(frozen=True)
class TaskFacts:
    """What the guards of acts on a whole task need to know."""

    revoked: bool
    unfinished: int
    upgrade: bool = False
    left_to_roll_back: bool = False  # an item that is neither rolled back nor 暂不升级
    paused: bool = False  # its reminders are
    frozen: bool = False  # every row that is not revoked is 暂不升级 (Q16)


def _live(facts: Facts) -> str | None:
    if facts.revoked:
        return "任务已撤销，不能再操作。"
    if facts.closed:
        return "该点位已办结。"
    return "该点位暂不升级，没有需要办理的。" if facts.frozen else None


def _all_done(facts: Facts) -> str | None:
    if obstacle := _live(facts):
        return obstacle
    if not facts.items_open:
        return None
    names = "：" + "、".join(facts.open_names) if facts.open_names else ""
    restore = "，需回退的还原后确认" if any(name.endswith(RESTORE) for name in facts.open_names) else ""
    return f"还差 {facts.items_open} 项未完成{names}。请先反馈完成状态为“是”{restore}，再办结。"


def _left_to_do(facts: Facts) -> str:
    """As `_all_done`, as a card has room for it: 还差 2 项：模块B、模块C."""
    if _live(facts) or not facts.open_names:
        return ""
    named = facts.open_names
    while len("、".join(named)) > LONGEST_NAMES and len(named) > 1:
        named = named[:-1]
    more = f"，另有 {facts.items_open - len(named)} 项" if len(named) < facts.items_open else ""
    names = "、".join(named)
    names = names if len(names) <= LONGEST_NAMES else names[: LONGEST_NAMES - 1] + "…"
    return f"还差 {facts.items_open} 项：{names}{more}"


def _closed(facts: Facts) -> str | None:
    if facts.revoked:
        return "任务已撤销，不能再操作。"
    return None if facts.closed else "该点位尚未办结，不能打回；需要催促时请用催办。"


def _nothing(_facts: Facts) -> str | None:
    return None


RULES: dict[Act, Rule[Facts]] = {
    Act.DETAILS: Rule("详情", MANAGING, _nothing),
    Act.URGE: Rule("催办", MANAGING, _live, ("T-66", "T-67")),
    Act.SEND_BACK: Rule("打回", MANAGING, _closed, ("T-64", "T-65")),
    Act.FEED_BACK: Rule("反馈", FIELD, _live),
    Act.TRANSFER: Rule("转派", FIELD, _live, ("T-74",)),
    Act.CLOSE: Rule("办结", FIELD, _all_done, briefly=_left_to_do),
    # Where none of the field can (Q30).
    Act.REASSIGN: Rule("紧急转派", frozenset({Part.ADMINISTRATOR}), _live, ("T-74",)),
}


def _not_revoked(facts: TaskFacts) -> str | None:
    return "任务已撤销，不能再操作。" if facts.revoked else None


def _some_unfinished(facts: TaskFacts) -> str | None:
    if facts.revoked:
        return "任务已撤销，不能再操作。"
    return None if facts.unfinished else f"所有点位都{_ended(facts)}，没有需要催办的。"


def _ended(facts: TaskFacts) -> str:
    return "暂不升级" if facts.frozen else "已办结"


def _some_to_roll_back(facts: TaskFacts) -> str | None:
    if not facts.upgrade:
        return "升级回退只用于升级任务。"
    if facts.revoked:
        return "任务已撤销，不能再操作。"
    return None if facts.left_to_roll_back else "所有模块都已回退或暂不升级，没有可以回退的。"


def _some_reminders(facts: TaskFacts) -> str | None:
    if facts.revoked:
        return "任务已撤销，不能再操作。"
    return None if facts.unfinished else f"所有点位都{_ended(facts)}，没有会再发的提醒。"


def _paused(facts: TaskFacts) -> str | None:
    return None if facts.paused else "提醒没有暂停，不需要恢复。"


TASK_RULES: dict[Act, Rule[TaskFacts]] = {
    Act.EDIT: Rule("编辑任务", MANAGING, _not_revoked, ("T-62", "T-63", "T-70")),
    Act.URGE_ALL: Rule("一键催办", MANAGING, _some_unfinished, ("T-66", "T-67")),
    Act.REVOKE: Rule("任务撤销", MANAGING, _not_revoked, ("T-70",)),
    Act.ROLL_BACK: Rule(
        "升级回退",
        MANAGING,
        _some_to_roll_back,
        ("T-71", "T-72", "T-73"),
        offered=lambda facts: facts.upgrade,  # others have nothing to go back to (T-15)
    ),
    Act.PAUSE_REMINDERS: Rule("暂停提醒", MANAGING, _some_reminders),
    Act.RESUME_REMINDERS: Rule("恢复提醒", MANAGING, _paused, offered=lambda facts: facts.paused),
}


class ItemFacts(Protocol):
    """One 明细, as far as a guard reads it."""

    name: str
    state: int


def facts_of(row: RowFacts, items: Iterable[ItemFacts] = ()) -> Facts:
    """The facts of `row`, with the names of its open items where `items` are at hand."""
    return Facts(
        revoked=row.revoked_at is not None,
        closed=row.closed_at is not None,
        items_open=row.items_total - row.items_done,
        open_names=tuple(
            item.name + UNFINISHED[ItemState(item.state)] for item in items if item.state in UNFINISHED
        ),
        frozen=row.items_total == 0,
    )


def why_not(act: Act, facts: Facts, parts: frozenset[Part]) -> str | None:
    """The sentence a disabled button shows, or None where the act is allowed."""
    return rules.why_not(RULES[act], facts, parts, order=Part)


def require(act: Act, facts: Facts, parts: frozenset[Part]) -> None:
    """Refuse the wrong person (NotAllowed) or the wrong state (Conflict), in the button's own words."""
    rules.require(RULES[act], facts, parts, order=Part)


def require_task(act: Act, facts: TaskFacts) -> None:
    """Refuse an act on a whole task that its facts do not allow (Conflict); whose it is was looked at before."""
    rules.require(TASK_RULES[act], facts, MANAGING, order=Part)


def buttons_for(facts: Facts, parts: frozenset[Part]) -> list[tuple[Act, str, str | None]]:
    """The buttons this person sees on this row: (act, name, why it is disabled)."""
    return rules.buttons(RULES, facts, parts)


def task_buttons_for(facts: TaskFacts) -> list[tuple[Act, str, str | None]]:
    """The buttons of those who manage this task: (act, name, why it is disabled)."""
    return rules.buttons(TASK_RULES, facts, MANAGING)
