"""What happened to a row, in the words of the page."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db import session
from app.tasks.copies import UPDATE_COPIED_IN
from app.tasks.edit import WAS_OVERDUE
from app.tasks.implement import TAKE_BACK_FILE
from app.tasks.lifecycle import RULES, TASK_RULES, Act
from app.tasks.models import PointTask
from app.work import attachments, history
from app.work.models import Attachment, HistoryEvent

NAMES: dict[str, str] = {act: rule.name for act, rule in (RULES | TASK_RULES).items()}
NAMES |= {UPDATE_COPIED_IN: "更新抄送人", TAKE_BACK_FILE: "撤回附件", WAS_OVERDUE: "改期"}
WORDS = {
    "explanation": "回退说明",
    "reason": "原因",
    "impact": "影响范围",
    "repair": "修复情况",
    "new_due": "新的完成时间",
}
# What happens to a whole task concerns its rows; its own 发布 and 已超期 stand on the row already.
OF_THE_TASK = {Act.EDIT, Act.REVOKE, Act.URGE_ALL}


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `said` are people's own words, `changed` what was different after it."""

    at: datetime
    name: str
    by: str
    said: list[tuple[str, str]]
    changed: list[str]
    files: Sequence[Attachment] = ()


def of_row(row: PointTask) -> list[Entry]:
    """Newest first, down to the publishing."""
    files = defaultdict(list)
    for file in attachments.of("point_task", row.id):
        files[file.event_id].append(file)
    entries = [_entry(event, files[event.id]) for event in _events(row)]
    if row.overdue_at:
        entries.append(Entry(row.overdue_at, "已超期", "系统", [], []))
    if row.task.published_at:
        entries.append(Entry(row.task.published_at, "发布", row.task.publisher.name, [], []))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def of_task(task_id: int) -> list[Entry]:
    """What happened to a whole task since it was published, newest first."""
    return [_entry(event, ()) for event in history.of(session(), "task", task_id) if event.act in OF_THE_TASK]


def latest(entries: list[Entry]) -> Entry | None:
    """What changed last, for those whose page did not know of it yet; 催办 changes nothing."""
    urges = {NAMES[Act.URGE], NAMES[Act.URGE_ALL]}
    return next((entry for entry in entries if entry.name not in urges), None)


def why_sent_back(row: PointTask, entries: list[Entry]) -> Entry | None:
    """The words of the last 打回 while the row is still open because of it (T-57)."""
    if not row.sent_back_at or row.closed_at or row.revoked_at:
        return None
    return next((entry for entry in entries if entry.name == NAMES[Act.SEND_BACK]), None)


def why_rolled_back(row: PointTask, entries: list[Entry]) -> Entry | None:
    """The words of the last 升级回退 while the row shows it (T-17)."""
    if not row.rolled_back_at or row.closed_at or row.revoked_at:
        return None
    return next((entry for entry in entries if entry.name == NAMES[Act.ROLL_BACK]), None)


def _events(row: PointTask) -> Iterator[HistoryEvent]:
    yield from history.of(session(), "point_task", row.id)
    for event in history.of(session(), "task", row.task_id):
        if event.act in OF_THE_TASK:
            yield event


def _entry(event: HistoryEvent, files: Sequence[Attachment]) -> Entry:
    facts = event.facts
    said = [("", facts["note"])] if facts.get("note") else []
    said += [(label, facts[name]) for name, label in WORDS.items() if facts.get(name)]
    name = "代反馈" if facts.get("deputy") else NAMES.get(event.act, event.act)
    return Entry(event.at, name, event.by.name if event.by else "系统", said, list(_changed(facts)), files)


def _changed(facts: dict[str, Any]) -> Iterator[str]:
    if facts.get("to"):
        yield f"实施人：{facts['from']} → {facts['to']}"
    if facts.get("was_due"):
        yield f"曾超期：原要求完成时间 {facts['was_due']}"
    if facts.get("closed_before"):
        yield f"撤销前已办结 {facts['closed_before']} 个点位"
    if facts.get("items"):
        yield "重新打开：" + "、".join(facts["items"])
    changes = facts.get("changes") or []
    if isinstance(changes, list):
        yield from changes
        return
    for name, values in changes.items():
        if isinstance(values, str):
            yield f"{name}：{values}"
        elif name.endswith("点位"):  # as versions before this one wrote it: every code
            yield f"{name} {len(values)} 个"
        else:
            yield f"{name}：{values[0] or '（空）'} → {values[1] or '（空）'}"
