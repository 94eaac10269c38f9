"""暂停提醒 and 恢复提醒: for a while the clock says nothing of a task; what people do still rings."""

from datetime import date, datetime, time, timedelta

from app import clock
from app.db import Session, transaction
from app.errors import BadInput
from app.locks import repeatable
from app.people.models import Person
from app.tasks import changes, lifecycle
from app.tasks.lifecycle import Act
from app.tasks.loading import LONGEST_REASON, open_task, task_facts
from app.tasks.models import Task
from app.tasks.telling import aftercare
from app.work import calendar_days, deadlines, form_keys, history

MOST_DAYS = 30


def days() -> tuple[date, date]:
    """The first and the last day up to which reminders can be paused now."""
    today = clock.today()
    return today, today + timedelta(days=MOST_DAYS)


@repeatable
def pause_reminders(
    task_id: int, *, by: Person, to: date | None, reason: str, seen_version: int | None, form_key: str
) -> None:
    """暂停提醒: no automatic reminder of this task up to and including a day.

    Facts and labels go on: what passes its deadline is 已超期, nobody is told.
    What would have been said is said once, as things stand then, in the first
    working hour after that day. A second 暂停 changes the day and the reason.
    """
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.PAUSE_REMINDERS).repeated:
            return
        task = open_task(session, task_id, by=by, seen_version=seen_version)
        lifecycle.require_task(Act.PAUSE_REMINDERS, task_facts(session, task))
        to, reason = _checked(to, reason.strip())
        night = clock.from_local(datetime.combine(to + timedelta(days=1), time()))
        changes.pause_reminders(
            task, to=to, reason=reason, by_id=by.id, silent_until=_first_hour(session, task, night)
        )
        if aftercare.drop_held(session, task, reason=f"提醒暂停至 {to}：{reason}"):
            task.announce_overdue_from = task.published_at  # said after the pause instead
        history.record(session, task, Act.PAUSE_REMINDERS, by=by, reason=reason, until=str(to))


@repeatable
def resume_reminders(task_id: int, *, by: Person, seen_version: int | None, form_key: str) -> None:
    """恢复提醒: the clock speaks of the task again, from the next working hour on."""
    with transaction() as session:
        if form_keys.claim(session, form_key, by=by, act=Act.RESUME_REMINDERS).repeated:
            return
        task = open_task(session, task_id, by=by, seen_version=seen_version)
        lifecycle.require_task(Act.RESUME_REMINDERS, task_facts(session, task))
        changes.resume_reminders(task, silent_until=_first_hour(session, task, clock.now()))
        history.record(session, task, Act.RESUME_REMINDERS, by=by)


def _checked(to: date | None, reason: str) -> tuple[date, str]:
    """The day and the reason, or what is wrong with them."""
    first, last = days()
    wrong = {}
    if to is None or not first <= to <= last:
        wrong["pause_to"] = f"请选择暂停到哪一天，从今天到 {last}（最多 {MOST_DAYS} 天）。"
    if not reason:
        wrong["pause_reason"] = "请填写暂停原因，所有看得到任务的人都会看到。"
    if len(reason) > LONGEST_REASON:
        wrong["pause_reason"] = f"暂停原因最多 {LONGEST_REASON} 个字，现在有 {len(reason)} 个。"
    if wrong or to is None:
        raise BadInput(fields=wrong)
    return to, reason


def _first_hour(session: Session, task: Task, since: datetime) -> datetime:
    return deadlines.working_hour(since, overrides=calendar_days.overrides(session), spread=task.id)
