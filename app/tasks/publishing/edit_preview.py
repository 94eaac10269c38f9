"""What saving the edit form would change and whom it would ring, with the exact texts; reads only (Q52)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.db import among, session
from app.notices.audiences import Audience, audiences
from app.notices.queue import choices
from app.notices.telling import Telling
from app.people.models import Person
from app.tasks import words
from app.tasks.loading import managed_task
from app.tasks.models import PointTask
from app.tasks.publishing import edit_plan, preview
from app.tasks.publishing.plan import PublishForm, about_form, plan_for
from app.tasks.telling import tellings
from app.tasks.telling.about import About, about_task, recipients
from app.tasks.telling.points import points_of

AUDIENCES = {
    "revoke.implementer": "去掉点位的实施人",
    "revoke.copied_in": "去掉点位的抄送人",
    "edit.implementer": "实施人",
    "edit.copied_in": "抄送人（主管、服务经理）",
}


@dataclass(frozen=True)
class EditPreview:
    """`changes` as the history will say them; `ringing` people get a message, `quiet` ones read it in the app only.

    `added` is what publishing to the added places alone would do.
    """

    changes: tuple[str, ...]
    ringing: int
    quiet: int
    audiences: tuple[Audience, ...]
    added: preview.PublishPreview | None


def of_edit(task_id: int, form: PublishForm, *, by: Person) -> EditPreview:
    """The same plan, tellings and wordings as `edit.edit`; NotFound for a task that is not `by`'s to manage."""
    task = managed_task(task_id, by=by)
    found = edit_plan.plan(session(), task, form)
    form = found.form
    about = replace(
        about_task(task),
        type=form.type or task.type,
        urgency=form.urgency or task.urgency,
        due_at=found.due_at,
        patch=about_form(form, by=by, task_id=task_id).patch,
    )
    gone = points_of(
        session(), task, among(PointTask.place_code, found.removed), PointTask.revoked_at.is_(None)
    )
    people = recipients(session(), [*gone, *(row.point for row in found.rows)])
    pushed, quiet = found.told(about, people)
    told = [*tellings.revoked(about, gone, people), *pushed]
    added = replace(form, place_codes=tuple(sorted(found.added)))
    new = _of_added(added, about) if found.added else []
    ringing = _ringing([*new, *told])
    return EditPreview(
        changes=tuple(words.changed({"changes": found.facts})),
        ringing=len(ringing),
        quiet=len({one.to.id for one in (*pushed, *quiet)} - ringing),
        audiences=audiences(told, AUDIENCES),
        added=preview.preview(added, by=by) if found.added else None,
    )


def _of_added(form: PublishForm, about: About) -> list[Telling]:
    points = preview.staffed(plan_for(form.place_codes, named=form.named))
    return list(tellings.published(about, points, recipients(session(), points)))


def _ringing(told: Iterable[Telling]) -> set[int]:
    """Whose phone rings: not for who has left, or has chosen to read such a message in the app."""
    pushed = [one for one in told if not one.letter.in_app and not one.to.left]
    muted = choices.muted_among(session(), {one.wording for one in pushed})
    return {one.to.id for one in pushed if (one.to.id, one.wording) not in muted}
