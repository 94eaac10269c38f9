"""The endpoints: each reads its input, names one read or one act, and says what came of it."""

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from app.api import answers, openapi
from app.api.contract import Paged, PatchIn, PatchOut, PointTaskPage, TaskOut, TaskPage
from app.api.endpoints import BASE, ENDPOINTS, Endpoint, endpoint, token
from app.tasks.patches import registering
from app.tasks.patches.registering import PatchPackage
from app.tasks.reading import outside
from app.work.api_tokens import Scope

bp = Blueprint("api", __name__, url_prefix=BASE)
answers.speak_for(bp)


@bp.get("/openapi.json")
def contract() -> Response:
    """What can be called, and how; open to everyone."""
    return jsonify(openapi.document(ENDPOINTS))


contract.right = "open_to_systems"  # type: ignore[attr-defined]


@endpoint(
    bp,
    Endpoint("GET", "/tasks", Scope.READ_TASKS, "已发布的任务，新的在前", answer=TaskPage, query=Paged),
)
def tasks(query: Paged) -> TaskPage:
    """Published tasks of the token's 大区."""
    items, next_after = outside.tasks(token().region_id, after=query.after, size=query.limit)
    return TaskPage.model_validate({"items": items, "next_after": next_after})


@endpoint(bp, Endpoint("GET", "/tasks/<int:task_id>", Scope.READ_TASKS, "一条任务", answer=TaskOut))
def task(task_id: int) -> TaskOut:
    """One task of the token's 大区."""
    return TaskOut.model_validate(outside.task(token().region_id, task_id))


@endpoint(
    bp,
    Endpoint(
        "GET",
        "/tasks/<int:task_id>/point-tasks",
        Scope.READ_TASKS,
        "一条任务的点位任务",
        answer=PointTaskPage,
        query=Paged,
    ),
)
def point_tasks(task_id: int, query: Paged) -> PointTaskPage:
    """The rows of a task that lie in the token's 大区."""
    items, next_after = outside.point_tasks(token().region_id, task_id, after=query.after, size=query.limit)
    return PointTaskPage.model_validate({"items": items, "next_after": next_after})


@endpoint(
    bp,
    Endpoint(
        "POST",
        "/patches",
        Scope.WRITE_PATCHES,
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
