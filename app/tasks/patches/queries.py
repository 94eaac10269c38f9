"""Reads of 补丁包; whoever publishes, manages or administers may see all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.db import session
from app.errors import NotFound
from app.tasks.models import Patch, PatchModule, Task

MOST_CHOICES = 100


@dataclass(frozen=True)
class PatchesPage:
    """A page of the register, the newest first; `used` tells how many published tasks took each."""

    patches: Sequence[Patch]
    used: dict[int, int]
    more: bool


def patches(text: str = "", *, limit: int = 50, skip: int = 0) -> PatchesPage:
    """The register, narrowed to names, versions and modules that contain `text`."""
    named = selectinload(Patch.modules).defer(PatchModule.note)  # notes may be long, and the list shows none
    query = sa.select(Patch).options(named).order_by(Patch.id.desc())
    if text:
        modules = sa.select(PatchModule.patch_id).where(PatchModule.name.contains(text, autoescape=True))
        title = Patch.name + " " + Patch.version
        query = query.where(sa.or_(title.contains(text, autoescape=True), Patch.id.in_(modules)))
    found = session().execute(query.offset(skip).limit(limit + 1)).scalars().all()
    page = found[:limit]
    return PatchesPage(page, _used([patch.id for patch in page]), len(found) > limit)


def patch(patch_id: int) -> Patch:
    """One package; NotFound where there is none."""
    found = session().get(Patch, patch_id)
    if found is None:
        raise NotFound("没有这个补丁包，请从补丁包列表重新选择。")
    return found


def uses(patch_id: int) -> int:
    """How many published tasks took this package."""
    return _used([patch_id]).get(patch_id, 0)


def choices(chosen: int | None = None) -> Sequence[Patch]:
    """The newest packages for the publish form, and the one chosen already."""
    newest = sa.select(Patch.id).order_by(Patch.id.desc()).limit(MOST_CHOICES)
    query = sa.select(Patch).where(sa.or_(Patch.id.in_(newest), Patch.id == (chosen or 0)))
    return session().execute(query.order_by(Patch.id.desc())).scalars().all()


def _used(ids: list[int]) -> dict[int, int]:
    query = sa.select(Task.patch_id, sa.func.count()).where(
        Task.patch_id.in_(ids), Task.published_at.is_not(None)
    )
    found = session().execute(query.group_by(Task.patch_id))
    return {patch_id: n for patch_id, n in found if patch_id is not None}
