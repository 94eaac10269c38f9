"""The tree of tasks: the first page of a phone, beside the rows where a screen has room for both."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from app.people.queries import may_publish
from app.tasks.models import Task
from app.tasks.publishing import drafts
from app.tasks.reading.tree import TreeMonth, last_in, tree_months
from h5.frame.forms import Input
from h5.frame.identity import asker
from h5.frame.rights import signed_in

bp = Blueprint("task_tree", __name__)

PANES_COOKIE = "fwrw_panes"
"""Set by tasks.js: 2 where the screen shows the tree beside the rows."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What the tree shows, and where it is asked for again; `months` is None where it is left out.

    `current` is the task that is marked, in the node of one's own rows where `mine`.
    """

    url: str
    current: int | None
    mine: bool
    months: list[TreeMonth] | None
    older: int | None
    drafts: list[Task]


@bp.get("/tasks/tree")
@signed_in
def page() -> str:
    """The tree by itself, with task `open` marked: for its live refresh, and for a desktop that has none yet."""
    return render_template(
        "tasks/_tree.html", tree=tree(Input(request.args).number_or_none("open"), shown=True)
    )


def has_room_beside() -> bool:
    """True where this browser has told us that its screen has room for the tree beside the rows."""
    return request.cookies.get(PANES_COOKIE) == "2"


def tree(task_id: int | None, *, shown: bool) -> Tree:
    """The tree with task `task_id` marked; nothing is read for one that is not `shown`."""
    person, older = asker(), Input(request.args).number_or_none("older")
    mine = "mine" in request.args
    asked = {"open": task_id, "mine": 1 if mine else None, "older": older}
    url = "/tasks/tree?" + urlencode({name: value for name, value in asked.items() if value is not None})
    if not shown:
        return Tree(url, task_id, mine, None, None, [])
    months = tree_months(person, older_than=older)
    kept = drafts.drafts_of(person) if may_publish(person) else []
    return Tree(url, task_id, mine, months, last_in(months), kept)
