"""暂存: what a draft holds, as the form that was filled in."""

from app.tasks.models import Task
from app.tasks.publishing.publish import PublishForm


def form_of(draft: Task) -> PublishForm:
    """Everything that `publish.save_draft` kept of the form."""
    kept = draft.draft_fields or {}
    return PublishForm(
        type=draft.type,
        urgency=draft.urgency,
        due_at=draft.due_at,
        place_codes=tuple(code for code in draft.draft_places.split(",") if code),
        note=draft.note,
        named=kept.get("named", {}),
        due_days=kept.get("due_days"),
        patch_id=draft.patch_id,
        follows_id=draft.follows_id,
    )
