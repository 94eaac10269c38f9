"""工作日历: which days count for deadlines and reminders; administrators decide where the announcement is not it."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.errors import BadInput, NotFound
from app.work import calendar, calendar_days
from app.work.calendar_days import FIRST_YEAR, LAST_YEAR, LONGEST_NOTE, Day
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.refusals import refills
from h5.frame.rights import administrators

bp = Blueprint("calendar", __name__)

WEEKDAYS = "一二三四五六日"
CHOICES = {"work": True, "rest": False, "announced": None}


@bp.get("/admin/calendar")
@administrators
def page() -> str:
    """A year by months; with `day` the sheet that decides about it."""
    asked = _asked()
    today = clock.today()
    year = asked.year if asked else Input(request.args).number_or_none("year") or today.year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound(f"日历只到 {LAST_YEAR} 年，请从工作日历重新选择。")
    months = calendar_days.year(year)
    return render_template(
        "admin/calendar.html",
        year=year,
        years=range(max(FIRST_YEAR, year - 1), min(LAST_YEAR, year + 1) + 1),
        months=months,
        today=today,
        announced=calendar.is_announced(year),
        weekdays=WEEKDAYS,
        picked=_of(months, asked) if asked else None,
        longest=LONGEST_NOTE,
        changes=calendar_days.changes(),
    )


@bp.post("/admin/calendar")
@administrators
@refills(page)
def set_day() -> Response:
    """Save what was decided about one day."""
    form = Input(request.form)
    day, works = _asked(), request.form.get("works")
    if day is None:
        raise BadInput("没有这一天，请从日历上选择。")
    if works not in CHOICES:
        raise BadInput(fields={"works": "请选择工作或休息。"})
    calendar_days.set_day(
        day,
        by=me(),
        is_working=CHOICES[works],
        note=form.text("note", longest=LONGEST_NOTE),
        seen_version=form.whole_number("version"),
    )
    flash(f"{day} 已保存，之后按它计算；已发布任务的完成时间不变。")
    return redirect(f"/admin/calendar?year={day.year}#month-{day.month}")


def _asked() -> date | None:
    """The day of the address or of the form."""
    text = request.values.get("day", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput("没有这一天，请从日历上选择。") from None


def _of(months: list[list[Day]], asked: date) -> Day:
    return months[asked.month - 1][asked.day - 1]
