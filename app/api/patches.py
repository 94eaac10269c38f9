"""The endpoint of 补丁包: another system registers what was sent for testing."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from app.api.contract import Inward, Outward
from app.api.door import bp
from app.api.endpoints import Endpoint, endpoint, token
from app.tasks.face import WRITE_PATCHES
from app.tasks.labels import TrialState
from app.tasks.patches import registering
from app.tasks.patches.registering import (
    LONGEST,
    LONGEST_MODULE,
    LONGEST_NOTE,
    MOST_MODULES,
    PatchPackage,
)


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


@endpoint(
    bp,
    Endpoint(
        "POST",
        "/patches",
        WRITE_PATCHES,
        "登记补丁包的一个版本；同样的内容可以重复发送",
        answer=PatchOut,
        body=PatchIn,
        statuses=(201, 200),
        may_conflict=True,
        largest_body=registering.LARGEST_BODY,
    ),
)
def register_patch(body: PatchIn) -> tuple[PatchOut, int]:
    """登记补丁包: 201 the first time, 200 for the same again, 409 for other modules under this version."""
    package = PatchPackage(
        name=body.name,
        version=body.version,
        modules=tuple((module.name, module.note) for module in body.modules),
        test_state=body.test_state,
        sent_by=body.sent_by,
        sent_at=body.sent_at,
    )
    sender = f"接口 {token().name}"[:60]
    patch_id, is_new = registering.register(package, by=None, sender=sender, may_replace=False)
    answer = PatchOut(id=patch_id, name=body.name.strip(), version=body.version.strip(), created=is_new)
    return answer, 201 if is_new else 200
