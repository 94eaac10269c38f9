"""What all endpoints have in common that goes in and out; /api/v1/openapi.json is made of it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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


class Problem(BaseModel):
    """所有错误的形状。"""

    error: str
    message: Annotated[str, Field(description="一句中文，说明怎么办")]
    fields: Annotated[dict[str, str], Field(description="字段 → 哪里不对")] = {}
    request_id: str
