"""查看任务: the tree on the left, the rows on the right; on a phone one after the other."""

from flask import Blueprint, g, render_template, request

from app.notices.ledger import opened, totals
from app.notices.wordings import kinds
from app.people import queries as people
from app.places import queries as places
from app.tasks.managing import who_saw
from app.tasks.reading import heads
from app.tasks.telling import aftercare
from app.tasks.telling import scopes as of_tasks
from app.tasks.telling.naming import points_in_words
from h5.frame.forms import Input
from h5.frame.identity import asker
from h5.frame.rights import signed_in
from h5.tasks import row_list, task_head, task_tree

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
    sums = who_saw.added_up(people)
    return render_template(
        "tasks/seen.html",
        head=head,
        people=people,
        sums=sums,
        unseen=sums[who_saw.STAGES[0]],
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
    task_id = Input(request.args).number_or_none("task")
    return render_template("tasks/_rows.html", listed=row_list.asked_for(asker(), task_id))


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
    head = task_head.of(person, task_id) if task_id is not None else None
    return render_template(
        "tasks/tasks.html",
        head=head,
        task=head.task if head else None,
        newest=head.newest if head else None,
        listed=row_list.asked_for(person, task_id),
        tree=task_tree.tree(task_id, shown=not picked or task_tree.has_room_beside()),
        picked=picked,
        open_sheet=g.get("sheet"),
    )
