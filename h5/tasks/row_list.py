"""The list of rows of 查看任务: a page of it as HTML, and the addresses of what follows."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from flask import current_app, request
from jinja2 import Template
from markupsafe import Markup

from app.people.models import Asker
from app.tasks.labels import Label
from app.tasks.lifecycle import Act
from app.tasks.reading import queries
from app.tasks.reading.lines import RowLine
from app.tasks.reading.queries import RowsPage
from h5.frame.bar import Narrowed
from h5.frame.forms import Input
from h5.tasks import filters


@dataclass(frozen=True)
class RowList:
    """A page of rows: of one task or of everything, all that one may see or with `mine` those one implements.

    `ticks` are those that may be ticked to be fed back together; `after` is the row that the page follows.
    """

    page: RowsPage
    ticks: frozenset[int]
    lines: Markup
    task_id: int | None
    mine: bool
    after: int | None
    narrowed: Narrowed

    @property
    def later(self) -> bool:
        """True behind the first page."""
        return self.after is not None

    @property
    def base(self) -> str:
        """The list without any filter; whatever narrows it can be put behind."""
        path = f"/tasks/{self.task_id}" if self.task_id else "/tasks"
        return path + ("?mine=1&" if self.mine else "?all=1&")

    @property
    def here(self) -> str:
        """The list as it stands; more can be put behind."""
        query = self.narrowed.query()
        return self.base + (f"{query}&" if query else "")

    @property
    def rows_url(self) -> str:
        """Its rows alone."""
        return f"/tasks/rows?{self._of}"

    @property
    def export_url(self) -> str:
        """All its pages as a file."""
        return f"/tasks/export?{self._of}"

    @property
    def nothing_to_export(self) -> bool:
        """True where the whole list is empty."""
        return not self.page.rows and not self.later

    @property
    def _of(self) -> str:
        which = {"task": self.task_id or "", **({"mine": 1} if self.mine else {})}
        query = self.narrowed.query()
        return urlencode(which) + (f"&{query}" if query else "")

    def bar(self) -> Markup:
        """The filter bar above it."""
        return filters.drawn(self.narrowed, in_task=self.task_id is not None, mine=self.mine, base=self.base)


def asked_for(person: Asker, task_id: int | None) -> RowList:
    """The rows that the address asks for."""
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
    lines = _lines(page.rows, ticks, in_task=task_id is not None)
    return RowList(page, ticks, lines, task_id, mine, after, narrowed)


def _lines(rows: list[RowLine], ticks: frozenset[int], *, in_task: bool) -> Markup:
    """The rows as HTML."""
    ticked = Input(request.form).ids("row") if request.form else frozenset()
    template = current_app.jinja_env.get_template("tasks/_row.html")
    lines = [_drawn(template, row, in_task, row.id in ticks, row.id in ticked) for row in rows]
    return Markup("".join(lines))  # noqa: S704 (every line is Markup)


@lru_cache(maxsize=4096)  # an open list asks every 20 seconds again, and next to nothing has changed
def _drawn(template: Template, row: RowLine, in_task: bool, tick: bool, ticked: bool) -> Markup:
    drawn = template.render(
        row=row,
        in_task=in_task,
        tick=tick,
        ticked=ticked,
        waits_for_later=row.label == Label.NOT_UPGRADED,
        revoked=row.label == Label.REVOKED,
    )
    return Markup(drawn)  # noqa: S704 (a template of ours)


def _ticks(rows: list[RowLine], *, alone: bool) -> frozenset[int]:
    """The rows that may be ticked to be fed back together; one row by itself has its own page."""
    open_ = [
        row.id
        for row in rows
        if any(button.act == Act.FEED_BACK and not button.why_not for button in row.buttons)
    ]
    return frozenset(open_) if alone or len(open_) > 1 else frozenset()
