"""查看任务: the tree on the left, the rows on the right; on a phone one after the other."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, render_template, request
from markupsafe import Markup

from app.notices.ledger import lines as ledger
from app.notices.ledger import opened, totals
from app.notices.wordings import kinds
from app.people import queries as people
from app.people.models import Asker
from app.places import queries as places
from app.tasks.labels import Label
from app.tasks.lifecycle import Act, task_buttons_for
from app.tasks.managing import pausing, who_saw
from app.tasks.reading import heads, queries
from app.tasks.reading.heads import TaskHead
from app.tasks.reading.lines import Button, RowLine
from app.tasks.telling import aftercare, departed
from app.tasks.telling import scopes as of_tasks
from app.tasks.telling.naming import points_in_words
from h5.frame.forms import Input
from h5.frame.identity import asker
from h5.frame.repeated import Partial
from h5.frame.rights import signed_in
from h5.tasks import filters, task_tree, timeline
from h5.tasks.tones import tone

bp = Blueprint("tasks", __name__)


@bp.get("/tasks")
@signed_in
def tasks() -> str:
    """The tree; beside it every row I may see (T-03, T-09)."""
    return _panes(task_id=None, picked="all" in request.args)


@bp.get("/tasks/<int:task_id>")
@signed_in
def task(task_id: int) -> str:
    """One task: its head and its rows, or with `mine` those that I implement (T-05, Q25)."""
    page = _panes(task_id=task_id, picked=True)
    who_saw.task_opened(task_id, by=asker())  # after all else: it ends the session's read
    return page


@bp.get("/tasks/<int:task_id>/seen")
@signed_in
def seen(task_id: int) -> str:
    """谁看到了, for those who manage the task, and whose messages could be taken back."""
    head = heads.managed(asker(), task_id)
    people = who_saw.seen_of(task_id)
    return render_template(
        "tasks/seen.html",
        head=head,
        people=people,
        sums=who_saw.added_up(people),
        messages=opened.latest(of_tasks.of_task(task_id)),
        name_of=kinds.name_of,
        former=aftercare.withdrawn_of_task(task_id),
        summed_to=totals.last_day(since=head.published_at),
        points_in_words=points_in_words,
    )


@bp.get("/tasks/rows")
@signed_in
def rows() -> str:
    """More rows of the open list, or its first ones again: a fragment for htmx and for the live refresh."""
    asked = Input(request.args)
    return render_template("tasks/_rows.html", **_rows(asker(), asked.number_or_none("task")))


@bp.get("/tasks/found")
@signed_in
def found() -> str:
    """What the search fields of the filter bar offer for the text typed so far: a fragment for htmx."""
    asked = Input(request.args)
    text = asked.text("person", longest=100)
    if "person" in request.args:
        options = [
            (f"{person.name} ({person.userid})", person.region.name if person.region else "")
            for person in (people.search_people(text, limit=12).people if text else [])
        ]
    else:
        options = [(place.path, place.code) for place in places.suggestions(asked.text("place", longest=100))]
    return render_template("frame/_found.html", options=options)


def _panes(*, task_id: int | None, picked: bool) -> str:
    person = asker()
    head = heads.head(person, task_id) if task_id is not None else None
    before, repairs = heads.linked(person, head) if head else ([], [])
    rows = _rows(person, task_id)
    return render_template(
        "tasks/tasks.html",
        head=head,
        acts=_acts(head) if head and head.manages else {},
        unfinished=head.facts.unfinished if head else 0,
        before=before,
        repairs=repairs,
        unreached=ledger.unreached(of_tasks.of_task(head.id)) if head and head.manages else [],
        unseen=who_saw.unseen(task_id) if head and head.manages and task_id is not None else 0,
        open_sheet=g.get("sheet"),
        pause_days=pausing.days(),
        departed=departed.in_task(person, head.id) if head else [],
        newest=timeline.latest(timeline.of_task(head.id)) if head and g.get("conflict") else None,
        tree=task_tree.tree(task_id, shown=not picked or task_tree.has_room_beside()),
        picked=picked,
        filters=filters.drawn(
            rows["narrowed"], in_task=task_id is not None, mine=rows["mine"], base=rows["base"]
        ),
        **rows,
    )


def _acts(head: TaskHead) -> dict[str, Button]:
    """The buttons of those who manage the task, from TASK_RULES."""
    return {button[0]: Button(*button) for button in task_buttons_for(head.facts)}


def _rows(person: Asker, task_id: int | None) -> dict[str, Any]:
    """The rows that the address asks for, and the addresses of this list and of what follows."""
    asked = Input(request.args)
    mine, after = "mine" in request.args, asked.number_or_none("after")
    narrowed = filters.of_address(request.args, asked)
    page = queries.rows_page(
        person,
        task_id=task_id,
        mine=mine,
        after=after,
        narrowed=filters.filter_of(narrowed),
        sort=narrowed.sort,
    )
    ticks = _ticks(page.rows, alone=after is not None) if task_id else frozenset()
    query, base = narrowed.query(), f"/tasks/{task_id}" if task_id else "/tasks"
    base += "?mine=1&" if mine else "?all=1&"
    rows_of = urlencode({"task": task_id or "", **({"mine": 1} if mine else {})})
    return {
        "page": page,
        "ticks": ticks,
        "lines": _lines(page.rows, ticks, in_task=task_id is not None),
        "task_id": task_id,
        "mine": mine,
        "narrowed": narrowed,
        "rows_url": f"/tasks/rows?{rows_of}" + (f"&{query}" if query else ""),
        "export_url": f"/tasks/export?{rows_of}" + (f"&{query}" if query else ""),
        "later": after is not None,
        "base": base,
        "here": base + (f"{query}&" if query else ""),
    }


ROW = Partial(
    "tasks/_row.html",
    shape=("in_task", "tick", "ticked", "chip", "frozen", "buttons"),
    fields=(
        *("id", "place_name", "place_parents", "type", "urgency", "implementer", "supervisor"),
        *("service_manager", "progress", "label", "tone", "due_text", "latest_note"),
    ),
)


def _lines(rows: list[RowLine], ticks: frozenset[int], *, in_task: bool) -> Markup:
    """The rows as HTML."""
    ticked = Input(request.form).ids("row") if request.form else frozenset()
    lines = [_drawn(row, in_task, row.id in ticks, row.id in ticked) for row in rows]
    return Markup("".join(lines))  # noqa: S704 (every line is Markup)


@lru_cache(maxsize=4096)  # as app.tasks.reading.lines keeps them
def _drawn(row: RowLine, in_task: bool, tick: bool, ticked: bool) -> Markup:
    shape = (in_task, tick, ticked, row.overdue_chip, row.label == Label.NOT_UPGRADED, row.buttons)
    texts = (
        *(str(row.id), row.place_name, row.place_parents, row.type, row.urgency, row.implementer),
        *(row.supervisor or "—", row.service_manager or "—", str(row.progress), row.label, tone(row.label)),
        *("" if row.label == Label.REVOKED else row.due_text, row.latest_note),  # the label says it already
    )
    return ROW.drawn([(shape, texts)])


def _ticks(rows: list[RowLine], *, alone: bool) -> frozenset[int]:
    """The rows that may be ticked to be fed back together; one row by itself has its own page."""
    open_ = [
        row.id
        for row in rows
        if any(button.act == Act.FEED_BACK and not button.why_not for button in row.buttons)
    ]
    return frozenset(open_) if alone or len(open_) > 1 else frozenset()
