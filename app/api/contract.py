"""What goes in and out of the API; /api/v1/openapi.json is made of it."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.tasks.labels import TrialState
from app.tasks.patches.registering import LONGEST, LONGEST_MODULE, LONGEST_NOTE, MOST_MODULES

MOST_PER_PAGE = 200
HIGHEST_ID = 2**31 - 1


class Inward(BaseModel):
    """What other systems send: nothing unknown, nothing converted from another kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Outward(BaseModel):
    """What they get, read off the entries of the feed."""

    model_config = ConfigDict(from_attributes=True)


class Paged(Inward):
    """Which page of a list."""

    after: Annotated[int | None, Field(ge=1, le=HIGHEST_ID, description="上一页的 next_after")] = None
    limit: Annotated[int, Field(ge=1, le=MOST_PER_PAGE, description="每页多少条")] = 50


class Human(Outward):
    """A person by the account they have in WeCom."""

    userid: str
    name: str


class Where(Outward):
    """A 行政区划."""

    code: str
    name: str
    path: Annotated[str, Field(description="河北省 / 石家庄市 / 长安区")]


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


class ModuleIn(Inward):
    """一个模块和它的补丁说明。"""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_MODULE)]
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


class PatchIn(Inward):
    """一个补丁包的一个版本。"""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST["name"])]
    version: Annotated[str, Field(min_length=1, max_length=LONGEST["version"])]
    modules: Annotated[list[ModuleIn], Field(min_length=1, max_length=MOST_MODULES)]
    test_state: TrialState = TrialState.SENT
    sent_by: Annotated[str, Field(max_length=LONGEST["sent_by"], description="送测人")] = ""
    sent_at: Annotated[AwareDatetime | None, Field(description="送测时间，带时区")] = None


class PatchOut(Outward):
    """登记的结果；created 为 false 表示之前已登记过同样的内容。"""

    id: int
    name: str
    version: str
    created: bool


class Problem(BaseModel):
    """所有错误的形状。"""

    error: str
    message: Annotated[str, Field(description="一句中文，说明怎么办")]
    fields: Annotated[dict[str, str], Field(description="字段 → 哪里不对")] = {}
    request_id: str
