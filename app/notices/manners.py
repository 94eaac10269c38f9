"""Manners of urging: who heard of it a moment ago is left alone, and the ledger says why.

Whom a kind of work urges, and in which words, is its own business; how often a person may be urged is not.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app import clock
from app.db import session
from app.notices.about import MESSAGE
from app.notices.ledger.lines import Scopes
from app.notices.models import Outcome
from app.notices.telling import Telling, one_each

NAMED = 3


@dataclass(slots=True)
class Heard:
    """When a person was last told, and of which rows alone; `of_several` where one message listed many."""

    at: datetime
    about: set[int] = field(default_factory=set)
    of_several: bool = False

    def add(self, at: datetime, about_id: int | None) -> None:
        """One more message."""
        self.at = max(self.at, at)
        if about_id is None:
            self.of_several = True
        else:
            self.about.add(about_id)

    def is_all_of(self, rows: Collection[int]) -> bool:
        """Whether they heard of every one of these rows, alone or in a list."""
        return self.of_several or self.about.issuperset(rows)


@dataclass(frozen=True)
class Round:
    """What urging would do now: everyone's message, some withheld with the reason."""

    told: Sequence[Telling]
    heard: Mapping[int, datetime]
    """Who was urged within the cool-down, and when."""

    @property
    def going(self) -> list[Telling]:
        """The messages that will ring."""
        return [one for one in self.told if not one.withheld and not one.to.left]

    @property
    def one_each(self) -> list[Telling]:
        """One of these per person, of the most demanding part, as the outbox merges them."""
        return one_each(self.going)

    @property
    def cooling(self) -> list[tuple[str, datetime]]:
        """Who is left alone because they were urged a moment ago: (name, when)."""
        told = {one.to.id: one.to.name for one in self.told}
        return [(name, self.heard[person_id]) for person_id, name in told.items() if person_id in self.heard]

    @property
    def again_at(self) -> datetime | None:
        """When the first of those can be urged again."""
        return min((at + cool_down() for _, at in self.cooling), default=None)

    @property
    def too_soon(self) -> str:
        """Why nobody is told, and when those who are left alone were urged; "" where that is not why."""
        if not self.cooling:
            return ""
        names = "、".join(name for name, _ in self.cooling[:NAMED])
        if len(self.cooling) > NAMED:
            names += f"等 {len(self.cooling)} 人"
        last, minutes = _hour(self.cooling[0][1]), cool_down() // timedelta(minutes=1)
        return f"催办 0 人：{names} {last} 刚催办过，{minutes} 分钟内不重复催办。"


def cool_down() -> timedelta:
    """How long a person is left alone after being urged about the same work."""
    return timedelta(minutes=current_app.config["URGE_COOLDOWN_MINUTES"])


def recently_told(scopes: Scopes, act: str, *, within: timedelta) -> dict[int, Heard]:
    """Person → what these messages told them of an act so lately; what was withheld does not count."""
    since = clock.now() - within
    told = (MESSAGE.act == act, MESSAGE.created_at > since, MESSAGE.outcome != Outcome.SUPPRESSED)
    found: dict[int, Heard] = {}
    for scope in scopes:
        query = sa.select(MESSAGE.recipient_id, MESSAGE.created_at, MESSAGE.about_id).where(scope, *told)
        for person_id, at, about_id in session().execute(query):
            found.setdefault(person_id, Heard(at)).add(at, about_id)
    return found


def considered(
    told: Iterable[Telling], heard: Mapping[int, Heard], *, besides: Mapping[int, str] | None = None
) -> Round:
    """What urging would do where these people heard of it lately; `besides` are other reasons to leave some alone."""
    told = list(told)
    left = {one.to.id for one in told if one.to.left}  # they have heard nothing
    cooling = {person_id: before.at for person_id, before in heard.items() if person_id not in left}
    reasons = {person_id: f"{_hour(at)} 已催过，没有重复发送" for person_id, at in cooling.items()}
    return Round(withhold(told, {**(besides or {}), **reasons}), cooling)


def withhold(told: Iterable[Telling], reasons: Mapping[int, str]) -> list[Telling]:
    """The same, but that what these people (by id) would be told is kept from them, with the reason."""
    return [replace(one, withheld=reasons[one.to.id]) if one.to.id in reasons else one for one in told]


def _hour(at: datetime) -> str:
    return clock.shown(at)[11:]
