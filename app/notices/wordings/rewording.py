"""An administrator's own texts in place of the shipped ones, each change on record."""

import sqlalchemy as sa

from app.db import Session, insert_once, transaction
from app.errors import BadInput, NotFound
from app.locks import repeatable
from app.notices.models import WordingText
from app.notices.wordings.catalogue import Wording, wordings
from app.notices.wordings.placeholders import check
from app.people import administrators
from app.people.models import Person
from app.work import history

CHANGE_WORDING, RESET_WORDING = "change_wording", "reset_wording"
LONGEST = 500
STALE = "这段通知刚被其他人修改，请核对最新内容后重新提交。您填写的内容已保留。"
NOT_FOUND = "没有这段通知，请从通知模板列表重新选择。"


def shipped(key: str) -> Wording:
    """The wording as the product brings it; NotFound for a key that is none."""
    found = wordings().get(key)
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


def change(key: str, *, text: str, leave_out: bool = False, by: Person, seen_version: int) -> bool:
    """Let people read `text` from the next act on; False where it says the same as before.

    With `leave_out` placeholders of the shipped text may be missing. Raises
    NotAllowed, NotFound, BadInput saying what to correct, OutOfDate.
    """
    administrators.require(by)
    text = text.strip()
    _refuse(shipped(key), text, leave_out=leave_out)
    return _write(key, text, CHANGE_WORDING, by=by, seen_version=seen_version)


def reset(key: str, *, by: Person, seen_version: int) -> bool:
    """Bring the shipped text back; False where it is in use already."""
    administrators.require(by)
    return _write(key, shipped(key).text, RESET_WORDING, by=by, seen_version=seen_version)


def _refuse(default: Wording, text: str, *, leave_out: bool) -> None:
    if not text:
        raise BadInput(fields={"text": "请填写通知的内容；要用原文请点“恢复原文”。"})
    if len(text) > LONGEST:
        raise BadInput(fields={"text": f"最多 {LONGEST} 个字，现在有 {len(text)} 个，请删减。"})
    checked = check(default, text)
    if checked.unknown:
        raise BadInput(fields={"text": "".join(checked.unknown)})
    if checked.missing and not leave_out:
        names = "、".join(checked.missing)
        raise BadInput(
            fields={"leave_out": f"少了{names}，收到的人看不到这些内容。请补上，或勾选“确认不写”。"}
        )


@repeatable
def _write(key: str, text: str, act: str, *, by: Person, seen_version: int) -> bool:
    """Store `text`, or nothing where it is the shipped one."""
    default = shipped(key).text
    with transaction() as current:
        row = _row(current, key, seen_version)
        before = row.text or default
        if before == text:
            return False
        row.text = text if text != default else None
        row.version += 1
        history.record(current, row, act, by=by, changes={"通知内容": [before, text]})
        return True


def _row(current: Session, key: str, seen_version: int) -> WordingText:
    insert_once(current, WordingText, {"key": key, "version": 0})
    row_id = current.execute(sa.select(WordingText.id).where(WordingText.key == key)).scalar_one()
    return history.open_for_change(current, WordingText, row_id, seen_version, stale=STALE)
