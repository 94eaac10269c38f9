"""What people in the field do with a row: 反馈 and 办结."""

from collections.abc import Sequence
from typing import Any

from flask import current_app

from app import clock
from app.db import Session, transaction
from app.errors import BadInput
from app.locks import repeatable
from app.people.models import Person
from app.tasks import changes, counts, lifecycle
from app.tasks.lifecycle import Act, Part
from app.tasks.loading import open_row, parts_of
from app.tasks.models import PointTask
from app.tasks.telling import aftercare
from app.work import attachments, form_keys, history
from app.work.models import HistoryEvent
from app.work.uploads.cleaning import Upload

LONGEST_NOTE = 500
CANNOT_MEET = "无法按时完成"


def feed_back(
    point_task_id: int,
    *,
    by: Person,
    done_item_ids: set[int] | None,
    note: str,
    seen_version: int | None,
    form_key: str,
    files: Sequence[Upload] = (),
    cannot_meet: bool | None = None,
) -> None:
    """反馈: save the ticked items, a note and files (T-41…T-45); each of them alone is enough.

    `done_item_ids` are the items that are 是 now; None leaves them as they
    are. `cannot_meet` says that the deadline cannot be met, with a note that
    says why, or that it can after all; None leaves that as it is. Raises
    NotFound for a foreign row, NotAllowed for 是/否 by someone who is not the
    实施人 (Q28), Conflict for a revoked or closed row.
    """
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise BadInput(fields={"note": f"说明最多 {LONGEST_NOTE} 个字，现在有 {len(note)} 个。"})
    with attachments.receive(files, by=by) as received:
        _feed_back(
            point_task_id,
            by=by,
            done_item_ids=done_item_ids,
            note=note,
            received=received,
            seen_version=seen_version,
            form_key=form_key,
            cannot_meet=cannot_meet,
        )


@repeatable
def _feed_back(
    point_task_id: int,
    *,
    by: Person,
    done_item_ids: set[int] | None,
    note: str,
    received: Sequence[attachments.Received],
    seen_version: int | None,
    form_key: str,
    cannot_meet: bool | None,
) -> None:
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.FEED_BACK).repeated:
            return
        row = open_row(session, point_task_id, seen_version, by=by)
        event = save_feedback(
            session,
            row,
            by=by,
            done_item_ids=done_item_ids,
            note=note,
            received=received,
            cannot_meet=cannot_meet,
        )
        attachments.store(session, received, event)


def save_feedback(
    session: Session,
    row: PointTask,
    *,
    by: Person,
    done_item_ids: set[int] | None,
    note: str,
    received: Sequence[attachments.Received] = (),
    cannot_meet: bool | None = None,
) -> HistoryEvent:
    """反馈 on one locked row, inside transaction(); the guards come before any change."""
    parts = parts_of(by, row)
    lifecycle.require(Act.FEED_BACK, lifecycle.facts_of(row), parts)
    changed: list[str] = []
    if done_item_ids is not None:
        decides = bool(parts & deciders())
        with counts.kept(session, row):
            changed = changes.set_done(row, row.items, done_item_ids, decides=decides, at=clock.now())
    decided = bool(changed)
    changed += _deadline_said(row, cannot_meet, note=note)
    if not changed and not note and not received:
        raise BadInput(fields={"note": "请填写说明、更改完成状态或添加附件后再提交。"})
    if note:
        row.latest_note, row.latest_note_at = note, clock.now()
    row.version += 1
    facts: dict[str, Any] = {"files": attachments.uids(received)} if received else {}
    if decided and Part.IMPLEMENTER not in parts:
        facts["deputy"] = True
    return history.record(session, row, Act.FEED_BACK, by=by, note=note, changes=changed, **facts)


def _deadline_said(row: PointTask, cannot_meet: bool | None, *, note: str) -> list[str]:
    """Whether the deadline can be met, as somebody says now; what changed by it, in words."""
    if cannot_meet is None or cannot_meet == row.is_hopeless:
        return []
    if cannot_meet and not note:
        raise BadInput(fields={"note": "勾选了“无法按时完成”，请写明原因和预计完成时间。"})
    row.cannot_meet = row.due_at if cannot_meet else None
    return [f"{CANNOT_MEET}（要求 {clock.shown(row.due_at)}）" if cannot_meet else "可以按时完成"]


def deciders() -> frozenset[Part]:
    """Who chooses 是/否: the 实施人, and the 主管 in their place where the setting allows it (Q28)."""
    deputies = {Part.SUPERVISOR} if current_app.config["SETTINGS"].SUPERVISOR_FEEDS_BACK else set()
    return frozenset({Part.IMPLEMENTER} | deputies)


def may_take_back(session: Session, point_task_id: int, by: Person) -> PointTask:
    """The guard of 撤回附件: as 反馈, so that files stay once the row is closed or revoked (Conflict)."""
    row = open_row(session, point_task_id, None, by=by)
    lifecycle.require(Act.FEED_BACK, lifecycle.facts_of(row), parts_of(by, row))
    return row


@repeatable
def close(point_task_id: int, *, by: Person, seen_version: int | None, form_key: str) -> None:
    """办结: every item must be 是 (T-52); 实施人, 主管 or 服务经理 may (Q29)."""
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.CLOSE).repeated:
            return
        save_close(session, open_row(session, point_task_id, seen_version, by=by), by=by)


def save_close(session: Session, row: PointTask, *, by: Person, pressed: int | None = None) -> None:
    """办结 on one locked row, inside transaction(); the guards come before any change.

    `pressed` is the message whose card was used, which is answered by itself.
    """
    lifecycle.require(Act.CLOSE, lifecycle.facts_of(row, row.items), parts_of(by, row))
    with counts.kept(session, row):
        changes.close(row, by_id=by.id, at=clock.now())
    row.version += 1
    history.record(
        session, row, Act.CLOSE, by=by, late=row.closed_at is not None and row.closed_at > row.due_at
    )
    aftercare.closed(session, row, by=by, but=pressed)
