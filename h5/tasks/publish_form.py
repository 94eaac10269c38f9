"""The form of 发布任务 and 编辑任务: what its fields begin with, and what was filled into them."""

from dataclasses import dataclass
from datetime import datetime

from flask import g, request

from app import clock
from app.db import session
from app.errors import BadInput
from app.tasks.labels import TaskType, Urgency
from app.tasks.publishing.plan import PublishForm
from app.tasks.reading import heads
from app.work import calendar, calendar_days
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.places.codes import codes_of, leaves

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Shown:
    """What the form's fields hold before anything is typed, as their HTML values."""

    type: str = ""
    urgency: str = Urgency.NORMAL
    due_at: str = ""
    places: str = ""
    note: str = ""
    due_days: str = ""
    patch_id: int | None = None
    follows_id: int | None = None


@dataclass(frozen=True)
class Deadline:
    """“N 个工作日内” as the moment it means; `estimated` where the days off of a year are not announced yet."""

    due_at: datetime | None = None
    weekday: str = ""
    estimated: bool = False
    most: int = calendar.MOST_DAYS


def begun() -> Shown:
    """A form begun from a 补丁包, or to follow a rolled back 升级任务 (Q21); empty after a refusal."""
    asked = Input(request.args)
    patch_id, follows_id = asked.number_or_none("patch"), asked.number_or_none("follows")
    if g.get("typed") or not (patch_id or follows_id):
        return Shown()
    return Shown(
        type=TaskType.UPGRADE,
        places=",".join(heads.rolled_back_places(me(), follows_id)) if follows_id else "",
        patch_id=patch_id,
        follows_id=follows_id,
    )


def of_draft(form: PublishForm) -> Shown:
    """A draft as it was filled in: “N 个工作日内” counts from today again."""
    return Shown(
        form.type,
        form.urgency,
        "" if form.due_days else _html_time(form.due_at),
        ",".join(form.place_codes),
        form.note,
        due_days=str(form.due_days or ""),
        patch_id=form.patch_id,
        follows_id=form.follows_id,
    )


def of_task(head: heads.TaskHead, codes: list[str]) -> Shown:
    """A published task at the points that have these codes."""
    return Shown(
        head.type,
        head.urgency,
        _html_time(head.due_at),
        ",".join(codes),
        head.note,
        patch_id=head.patch.id if head.patch else None,
    )


def chosen(shown: Shown) -> tuple[int | None, int | None]:
    """The 补丁包 and the earlier task: as just typed, else as the form begins."""
    if not g.get("typed"):
        return shown.patch_id, shown.follows_id
    form = Input(request.form)
    try:
        return form.number_or_none("patch"), form.number_or_none("follows")
    except BadInput:
        return None, None


def filled(form: Input) -> PublishForm:
    """What was filled in. BadInput for what no form of ours sends."""
    return PublishForm(
        type=form.text("type", longest=20),
        urgency=form.text("urgency", longest=20),
        due_at=_due(form),
        due_days=_days_of(form),
        place_codes=leaves(codes_of(form, "places")),
        note=form.text("note"),
        renew_copied_in="renew_copied_in" in request.form,
        own_due_too="own_due_too" in request.form,
        silent="silent" in request.form,
        patch_id=form.number_or_none("patch"),
        follows_id=form.number_or_none("follows"),
        named=_named(form),
    )


def deadline(typed_days: str) -> Deadline:
    """The moment that a number of working days means; none for what is no such number."""
    days = _working_days(typed_days)
    if days is None:
        return Deadline()
    due_at = _after_working_days(days)
    years = range(clock.local(clock.now()).year, clock.local(due_at).year + 1)
    weekday = WEEKDAYS[clock.local(due_at).weekday()]
    return Deadline(due_at, weekday, estimated=not all(calendar.is_announced(year) for year in years))


def _named(form: Input) -> dict[str, int]:
    """Code of a point → the 实施人 who was named for it."""
    return {
        name.removeprefix("name-"): form.whole_number(name)
        for name in request.form
        if name.startswith("name-") and request.form[name]
    }


def _due(form: Input) -> datetime | None:
    """The moment chosen, or the end of the N-th working day from now (Q12)."""
    if form.text("due_by", longest=10) != "days":
        return form.moment("due_at")
    days = _days_of(form)
    return _after_working_days(days) if days else None


def _days_of(form: Input) -> int | None:
    by_days = form.text("due_by", longest=10) == "days"
    return _working_days(request.form.get("due_days", "")) if by_days else None


def _working_days(text: str) -> int | None:
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    return days if 1 <= days <= calendar.MOST_DAYS else None


def _after_working_days(days: int) -> datetime:
    overrides = calendar_days.overrides(session())
    return calendar.after_working_days(days, since=clock.now(), overrides=overrides)


def _html_time(moment: datetime | None) -> str:
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""
