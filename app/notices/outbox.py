"""Queues notices in the same commit as the change they tell of (DESIGN.md §4.1)."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import quote

from flask import current_app

from app import clock
from app.db import Session, insert_many
from app.notices import choices, pacing
from app.notices.catalogue import present
from app.notices.fitting import Part, fitted
from app.notices.models import Delivery, Outcome
from app.notices.pacing import QuietHours
from app.notices.telling import Telling, points_in_words
from app.wecom import cards
from app.wecom.patterns import CardPattern
from app.wecom.plain import harmless
from app.work import platform
from app.work.models import HistoryEvent

CHOICES_TITLE = "选择点位"
FIRST = itemgetter(0)
ESCAPES = {
    number: quote(chr(number), safe="/") for number in range(128)
}  # quote() is slow thousands of times


def quiet_until(*, waits: bool) -> datetime | None:
    """When what can wait will ring, if it is a quiet hour now."""
    quiet: QuietHours | None = current_app.config["QUIET_HOURS"]
    return quiet.until(clock.local(clock.now())) if waits and quiet else None


def announce(
    session: Session, event: HistoryEvent, tellings: Iterable[Telling], *, waits: bool = False
) -> int:
    """Write one delivery per person; returns how many people will be told.

    A person named by several tellings gets one message with every text, the
    first telling (the most demanding role) giving title, link and card. Call
    it inside transaction(): people are told if and only if the act is kept. What `waits` does not ring in quiet
    hours: it is held until the morning, with the reason in the ledger.
    """
    by_person: dict[int, list[Telling]] = {}
    for telling in tellings:
        by_person.setdefault(telling.to.id, []).append(telling)
    writer = _Writer(session, event, now=clock.now(), waits=waits)
    by_choice = choices.muted_among(session, {parts[0].wording for parts in by_person.values()})
    rows: dict[tuple[Outcome, str], list[dict[str, Any]]] = {}
    for uid, parts in zip(new_uids(len(by_person), at=writer.now), by_person.values(), strict=True):
        first = parts[0]
        muted = (first.to.id, first.wording) in by_choice
        rows.setdefault(_outcome(first, muted=muted), []).append(writer.row(uid, parts))
    for (outcome, reason), alike in rows.items():
        insert_many(session, Delivery, alike, shared=writer.shared(outcome, reason))
    return len(by_person)


def drafted(session: Session, event: HistoryEvent, telling: Telling) -> dict[str, Any]:
    """The columns of one message by itself, due now."""
    writer = _Writer(session, event, now=clock.now())
    [uid] = new_uids(1, at=writer.now)
    return writer.row(uid, [telling]) | writer.shared(Outcome.PENDING, "")


def new_uids(number: int, *, at: datetime) -> list[str]:
    """What tells messages apart for WeCom: time and 80 random bits.

    In the order of time, so that their index grows at its end instead of all
    over a large table.
    """
    moment, bits = f"{int(at.timestamp() * 1000):012x}", secrets.token_hex(10 * number)
    return [moment + bits[start : start + 20] for start in range(0, 20 * number, 20)]


def _outcome(telling: Telling, *, muted: bool) -> tuple[Outcome, str]:
    """What becomes of a message before anything is sent, and why it is not sent at once."""
    if telling.withheld:
        return Outcome.SUPPRESSED, telling.withheld
    if telling.in_app:
        return Outcome.IN_APP, ""
    if telling.to.left:
        return Outcome.INVALID_ACCOUNT, "人员已离职，未发送"
    if muted:
        return Outcome.IN_APP, choices.MUTED
    return Outcome.PENDING, ""


class _Shape(NamedTuple):
    """What the cards of many people have in common."""

    title: str
    has_desc: bool
    facts: tuple[tuple[str, str], ...]
    buttons: tuple[str, ...]
    presses: tuple[str, ...]
    choices: int


class _Writer:
    """Turns tellings of one event into delivery rows; holds what they share."""

    def __init__(self, session: Session, event: HistoryEvent, *, now: datetime, waits: bool = False) -> None:
        self.event = event
        self.now = now
        self.held_until = quiet_until(waits=waits)
        self.goes_at = now
        if waits and current_app.config["QUIET_HOURS"]:
            self.goes_at = pacing.off_the_mark(now, spread=event.id * 41)
        self.wordings = present(session)
        self.everywhere: dict[str, str] = {"platform": platform.values(session)[platform.NAME]}
        self.patterns: dict[tuple[Any, ...], CardPattern] = {}
        self.shape: tuple[Any, ...] = ()
        self.agent_id: int = current_app.config["WECOM_AGENT_ID"]
        self.login_url: str = current_app.config["PUBLIC_BASE_URL"] + "/login?inside=1&next="

    def row(self, uid: str, parts: list[Telling]) -> dict[str, Any]:
        """The delivery for one person, its request bytes frozen."""
        first = parts[0]
        texts = [self.wordings[part.wording].filled({**self.everywhere, **part.values}) for part in parts]
        text = texts[0] if len(texts) == 1 else "\n".join(texts)
        return {
            "uid": uid,
            "wording": first.wording,
            "recipient_id": first.to.id,
            "about_id": first.about_id if len(parts) == 1 or _all_of_one_row(parts) else None,
            "title": first.title,
            "text": text,
            "link": first.link,
            "body": self._request(uid, parts, texts, text),
        }

    def shared(self, outcome: Outcome, reason: str) -> dict[str, Any]:
        """What all deliveries of this event, outcome and reason have in common."""
        waits = outcome is Outcome.PENDING
        held_until = self.held_until if waits else None
        if held_until is not None:
            reason = f"免打扰时间（{current_app.config['QUIET_HOURS']}），暂存到早上"
        return {
            "event_id": self.event.id,
            "subject_kind": self.event.subject_kind,
            "subject_id": self.event.subject_id,
            "outcome": outcome,
            "reason": reason,
            "created_at": self.now,
            "next_at": self.goes_at if waits and held_until is None else None,
            "held_until": held_until,
            "settled_at": None if waits else self.now,
        }

    def _url(self, path: str, uid: str) -> str:
        return f"{self.login_url}{path}&m={uid}"

    def _request(self, uid: str, parts: list[Telling], texts: list[str], text: str) -> bytes:
        """The frozen bytes: a card, a message where the texts are too long for one, nothing in the app only."""
        if parts[0].in_app:
            return b""
        if len(text) > cards.LONGEST_TEXT:
            return self._message(uid, parts, texts)
        return self._card(uid, parts[0], text)

    def _message(self, uid: str, parts: list[Telling], texts: list[str]) -> bytes:
        """A plain text, where the texts are too long for a card; what does not even fit here is behind its link."""
        url = self._url(_escaped(parts[0].link), uid)
        tail = f'\n<a href="{url}">打开查看</a>'
        text = harmless("\n".join(texts))
        if len((text + tail).encode()) > cards.LONGEST_MESSAGE_BYTES:
            tail = f'\n<a href="{url}">点开查看全部</a>'
            endings = [self.wordings[part.wording].parts[-1] for part in parts]
            pieces = [
                Part(harmless(whole), harmless(ending), len(part.points))
                for part, whole, ending in zip(parts, texts, endings, strict=True)
            ]
            text = fitted(pieces, space=cards.LONGEST_MESSAGE_BYTES - len(tail.encode()))
        return cards.text_message(userid=parts[0].to.userid, agent_id=self.agent_id, text=text, tail=tail)

    def _card(self, uid: str, telling: Telling, text: str) -> bytes:
        desc = points_in_words(telling.points, longest=cards.LONGEST_DESC)
        names, presses = tuple(map(FIRST, telling.buttons)), tuple(map(FIRST, telling.presses))
        shape = (telling.title, bool(desc), telling.facts, names, presses, len(telling.choices))
        # Most are shaped like the one before; looking it up would hash all facts again.
        if shape != self.shape:
            self.shape, self.pattern = shape, self.patterns.get(shape) or self._pattern(_Shape(*shape))
        link = telling.link
        escaped = _escaped(link)
        paths = [escaped]
        for _, path in telling.buttons:  # most lead to a part of the same page
            same = path.startswith(link)
            paths.append(escaped + _escaped_part(path[len(link) :]) if same else _escaped(path))
        return self.pattern.filled(
            userid=telling.to.userid,
            uid=uid,
            desc=desc,
            text=text,
            paths=paths,
            keys=[key for _, key in telling.presses],
            choices=telling.choices,
        )

    def _pattern(self, shape: _Shape) -> CardPattern:
        """The card of everyone who is told of this event in this shape."""
        made = CardPattern(
            agent_id=self.agent_id,
            source="服务任务",
            title=shape.title,
            has_desc=shape.has_desc,
            facts=shape.facts,
            buttons=shape.buttons,
            presses=shape.presses,
            choices=shape.choices,
            choices_title=CHOICES_TITLE,
            address=self._url,
        )
        self.patterns[shape] = made
        return made


def _all_of_one_row(parts: list[Telling]) -> bool:
    return len({part.about_id for part in parts}) == 1


@lru_cache(maxsize=256)
def _escaped_part(path: str) -> str:
    return _escaped(path)


def _escaped(path: str) -> str:
    """A path of ours as the value of `next=`."""
    return path.translate(ESCAPES) if path.isascii() else quote(path, safe="/")
