"""待办: the first page."""

from flask import Blueprint, render_template, request

from app import clock
from app.insight import to_do as insight
from h5.frame.identity import me
from h5.frame.rights import signed_in

bp = Blueprint("to_do", __name__)

WEEKDAYS = "一二三四五六日"


@bp.get("/")
@signed_in
def home() -> str:
    """What waits for me: 已超期 first, then 今天, 未来七天, 以后 (T-75); beside it what I watch and published."""
    person = me()
    found = insight.to_do(person)
    today = clock.local(clock.now())
    sections = [
        ("overdue", "已超期", found.overdue),
        ("today", "今天", found.today),
        ("week", "未来七天", found.next_seven_days),
        ("later", "以后", found.later),
    ]
    tabs = {
        "mine": ("待我办", found.total),
        "copied-in": ("抄送我的", found.copied_in_open),
        "published": ("我发布的", found.published_total),
    }
    tab = request.args.get("tab", "")
    if tab not in tabs:  # where nothing waits for me, what I watch or published comes first
        tab = next((name for name, (_, n) in tabs.items() if n), "mine")
    return render_template(
        "mine/to_do.html",
        person=person,
        to_do=found,
        sections=sections,
        tabs=tabs,
        tab=tab,
        watched=insight.watched(person) if tab == "copied-in" else [],
        published=insight.published(person) if tab == "published" else [],
        date=f"{today.month}月{today.day}日 周{WEEKDAYS[today.weekday()]}",
    )
