"""What the lists of rows are narrowed and sorted by."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from app.tasks.filters import Filter
from app.tasks.labels import Label, TaskType
from h5.frame import bar
from h5.frame.bar import Bar, Field, Narrowed
from h5.frame.forms import Input

LABEL = Field("label", "状态", "choice", tuple((label, label) for label in Label))
TYPE = Field("type", "类型", "choice", tuple((name, name) for name in TaskType))
REGION = Field("region", "大区", "region")
PLACE = Field("place", "区划", "place")
PERSON = Field("person", "人员", "person")
SINCE = Field("since", "发布从", "day")
UNTIL = Field("until", "发布至", "day")
BAR = Bar(
    fields=(LABEL, TYPE, REGION, PLACE, PERSON, SINCE, UNTIL),
    page="任务页",
    suggestions="/tasks/found",
    sorts=(("place", "按点位"), ("due", "按完成时间"), ("state", "按状态")),
)
IN_TASK = (LABEL, REGION, PLACE, PERSON)  # its rows are of one type and were published together
A_DAY = timedelta(days=1)


def of_address(args: Mapping[str, str], form: Input) -> Narrowed:
    """What the address asks for. BadInput for values that no form of ours sends."""
    return bar.narrowed(BAR, args, form)


def filter_of(narrowed: Narrowed) -> Filter:
    """The same for the rows; both days belong to the span of publishing."""
    values: dict[str, Any] = narrowed.values
    return Filter(
        label=values.get("label", ""),
        type=values.get("type", ""),
        region_id=values.get("region"),
        place_code=values.get("place", ""),
        person_id=values.get("person"),
        since=values.get("since"),
        until=values["until"] + A_DAY if "until" in values else None,
    )


def drawn(narrowed: Narrowed, *, in_task: bool, mine: bool, base: str) -> Markup:
    """The filter bar above the list at `base`: of one task, or of everything."""
    fields = IN_TASK if in_task else BAR.fields
    return bar.drawn(narrowed, fields, sorts=in_task, hidden="mine" if mine else "all", base=base)
