"""The endpoints of tasks: each reads its input, names one read, and says what came of it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.api.contract import Human, Outward, Paged, Where
from app.api.door import bp
from app.api.endpoints import Endpoint, endpoint, token
from app.tasks.face import READ_TASKS
from app.tasks.reading import outside


class TaskOut(Outward):
    """一条已发布的任务；数量只计令牌可读的大区。"""

    id: int
    type: str
    urgency: str
    note: str
    publisher: Human
    published_at: datetime
    due_at: datetime
    revoked_at: datetime | None
    state: Annotated[str, Field(description="未完成、部分完成、已完成、暂不升级、已撤销")]
    percent: Annotated[int, Field(ge=0, le=100, description="完成进度：计入的点位的明细做完了多少")]
    closed: Annotated[int, Field(description="已办结的点位数")]
    live: Annotated[int, Field(description="计入的点位数：不含已撤销和暂不升级")]
    rows: Annotated[int, Field(description="点位数")]
    rows_by_label: Annotated[dict[str, int], Field(description="任务状态 → 点位数")]


class ItemOut(Outward):
    """一项明细。"""

    name: str
    state: Annotated[str, Field(description="否、是、需回退、已回退、暂不升级")]


class PointTaskOut(Outward):
    """一个点位任务。"""

    id: int
    task_id: int
    place: Where
    region: Annotated[str | None, Field(description="大区")]
    implementer: Human
    supervisor: Human | None
    service_manager: Human | None
    due_at: datetime
    label: Annotated[str, Field(description="正常、已超期、打回、升级回退、暂不升级、已办结、已撤销")]
    overdue: bool
    percent: Annotated[int, Field(ge=0, le=100)]
    items: list[ItemOut]
    closed_at: datetime | None
    revoked_at: datetime | None
    latest_note: str
    latest_note_at: datetime | None
    version: int


class TaskPage(Outward):
    """新发布的在前；next_after 为 null 表示没有更多。"""

    items: list[TaskOut]
    next_after: int | None


class PointTaskPage(Outward):
    """按发布时的顺序；next_after 为 null 表示没有更多。"""

    items: list[PointTaskOut]
    next_after: int | None


@endpoint(
    bp,
    Endpoint("GET", "/tasks", READ_TASKS, "已发布的任务，新的在前", answer=TaskPage, query=Paged),
)
def tasks(query: Paged) -> TaskPage:
    """Published tasks of the token's 大区."""
    items, next_after = outside.tasks(token().region_id, after=query.after, size=query.limit)
    return TaskPage.model_validate({"items": items, "next_after": next_after})


@endpoint(bp, Endpoint("GET", "/tasks/<int:task_id>", READ_TASKS, "一条任务", answer=TaskOut))
def task(task_id: int) -> TaskOut:
    """One task of the token's 大区."""
    return TaskOut.model_validate(outside.task(token().region_id, task_id))


@endpoint(
    bp,
    Endpoint(
        "GET",
        "/tasks/<int:task_id>/point-tasks",
        READ_TASKS,
        "一条任务的点位任务",
        answer=PointTaskPage,
        query=Paged,
    ),
)
def point_tasks(task_id: int, query: Paged) -> PointTaskPage:
    """The rows of a task that lie in the token's 大区."""
    items, next_after = outside.point_tasks(token().region_id, task_id, after=query.after, size=query.limit)
    return PointTaskPage.model_validate({"items": items, "next_after": next_after})
