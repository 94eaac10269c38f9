"""投递 of one task: all of its messages for those who manage it, their own for everybody else."""

from flask import flash
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.notices.ledger import lines as ledger
from app.notices.ledger import retrying
from app.notices.ledger.lines import Scopes
from app.people.models import Role
from app.tasks.access import NOT_FOUND
from app.tasks.reading import heads
from app.tasks.reading.heads import TaskHead
from app.tasks.telling import scopes as of_tasks
from h5.frame.identity import me
from h5.frame.limits import exports_limit
from h5.frame.rights import signed_in
from h5.ledger import page as pages
from h5.ledger.deliveries import bp
from h5.ledger.page import Part


@bp.get("/tasks/<int:task_id>/deliveries")
@signed_in
def of_task(task_id: int) -> str:
    """The messages of one task that the asker may see."""
    head = heads.head(me(), task_id)
    scopes = of_tasks.of_task_for(me(), task_id, manages=head.manages)
    return pages.page(
        Part(
            scopes,
            title=f"投递 · {head.type}",
            back=f"/tasks/{task_id}",
            path=f"/tasks/{task_id}/deliveries",
            mends=_mends(head),
            exports=_mends(head),
            note=f"{head.pause.words}。暂停期间不产生自动提醒。" if head.pause else "",
            began=head.published_at,
            unreached=ledger.unreached(scopes),
        )
    )


@bp.get("/tasks/<int:task_id>/deliveries/export")
@signed_in
@exports_limit
def export_of_task(task_id: int) -> Response:
    """The messages of one task, for those who manage it."""
    head, scopes = _to_mend(task_id)
    return pages.file(scopes, title=f"投递_任务{task_id}_{head.type}")


@bp.post("/tasks/<int:task_id>/deliveries/retry")
@signed_in
def retry_all(task_id: int) -> Response:
    """补发 everything of a task that a repeat can help."""
    _, scopes = _to_mend(task_id)
    queued = retrying.retry_all(scopes, by=me())
    flash(f"已重新排队 {queued} 条，稍后刷新看结果。" if queued else "没有可以直接补发的通知。")
    return pages.back()


@bp.post("/tasks/<int:task_id>/deliveries/retry-unknown")
@signed_in
def retry_doubtful_of_task(task_id: int) -> Response:
    """补发 everything of the open page that is 结果未知, after a look at it."""
    _, scopes = _to_mend(task_id)
    return pages.retry_doubtful(scopes)


def _mends(head: TaskHead) -> bool:
    return head.manages or me().holds(Role.ADMINISTRATOR)


def _to_mend(task_id: int) -> tuple[TaskHead, Scopes]:
    """The task and all of its messages, for those who may send them again."""
    head = heads.head(me(), task_id)
    if not _mends(head):
        raise NotFound(NOT_FOUND)
    return head, of_tasks.of_task(task_id)
