"""A text tried on real work: what somebody would be told of work that there is. Reads only."""

from dataclasses import dataclass

from app.insight import kinds
from app.insight.kinds import Samples
from app.notices import audiences
from app.notices.wordings.catalogue import Wording
from app.notices.wordings.files import act_of


@dataclass(frozen=True)
class Sample:
    """The text as `who` would read it."""

    who: str
    points: int
    text: str


def latest(key: str) -> list[tuple[int, str]]:
    """The newest work to try the text with this key on, as (id, title)."""
    samples = _of_kind(act_of(key))
    return list(samples.latest()) if samples else []


def sample(wording: Wording, subject_id: int | None) -> Sample | None:
    """Who would read most of this wording if the act were done to that work, and what; None where nobody would."""
    act = act_of(wording.key)
    samples = _of_kind(act)
    if samples is None or subject_id is None:
        return None
    told = [one for one in samples.told(act, subject_id) if one.wording == wording.key]
    if not told:
        return None
    widest = max(told, key=lambda one: len(one.points))
    return Sample(widest.to.name, len(widest.points), audiences.filled(widest, wording))


def _of_kind(act: str) -> Samples | None:
    """What the kind of work brings that does this act."""
    brought = (kind.samples for kind in kinds.KINDS if kind.samples is not None)
    return next((samples for samples in brought if act in samples.acts), None)
