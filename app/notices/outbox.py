"""Queues notices in the same commit as the change they tell of (DESIGN.md §4.1)."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from flask import current_app

from app import clock
from app.db import Session, insert_many
from app.notices.catalogue import wordings
from app.notices.models import Delivery, Outcome
from app.notices.telling import Telling, points_in_words
from app.wecom import cards
from app.wecom.patterns import CardPattern
from app.work.models import HistoryEvent

CHOICES_TITLE = "选择点位"
ESCAPES = {
    number: quote(chr(number), safe="/") for number in range(128)
}  # quote() is slow thousands of times


def announce(session: Session, event: HistoryEvent, tellings: Iterable[Telling]) -> int:
    """Write one delivery per person; returns how many people will be told.

    A person named by several tellings gets one message with every text, the
    first telling (the most demanding role) giving title, link and card. Call
    it inside transaction(): people are told if and only if the act is kept.
    """
    by_person: dict[int, list[Telling]] = {}
    for telling in tellings:
        by_person.setdefault(telling.to.id, []).append(telling)
    writer = _Writer(event, now=clock.now())
    rows: dict[Outcome, list[dict[str, Any]]] = {}
    for uid, parts in zip(_uids(len(by_person), at=writer.now), by_person.values(), strict=True):
        rows.setdefault(_outcome(parts[0]), []).append(writer.row(uid, parts))
    for outcome, alike in rows.items():
        insert_many(session, Delivery, alike, shared=writer.shared(outcome))
    return len(by_person)


def _uids(number: int, *, at: datetime) -> list[str]:
    """What tells messages apart for WeCom: time and 80 random bits.

    In the order of time, so that their index grows at its end instead of all
    over a large table.
    """
    moment, bits = f"{int(at.timestamp() * 1000):012x}", secrets.token_hex(10 * number)
    return [moment + bits[start : start + 20] for start in range(0, 20 * number, 20)]


def _outcome(telling: Telling) -> Outcome:
    """What becomes of a message before anything is sent."""
    if telling.in_app:
        return Outcome.IN_APP
    return Outcome.SUPPRESSED if telling.to.left else Outcome.PENDING


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

    def __init__(self, event: HistoryEvent, *, now: datetime) -> None:
        self.event = event
        self.now = now
        self.wordings = wordings()
        self.everywhere: dict[str, str] = {"platform": current_app.config["PLATFORM_NAME"]}
        self.patterns: dict[_Shape, CardPattern] = {}
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
            "body": b"" if first.in_app else self._body(uid, first, text),
        }

    def shared(self, outcome: Outcome) -> dict[str, Any]:
        """What all deliveries of this event and outcome have in common."""
        waits = outcome is Outcome.PENDING
        return {
            "event_id": self.event.id,
            "subject_kind": self.event.subject_kind,
            "subject_id": self.event.subject_id,
            "outcome": outcome,
            "reason": "人员已离职，未发送" if outcome is Outcome.SUPPRESSED else "",
            "created_at": self.now,
            "next_at": self.now if waits else None,
            "settled_at": None if waits else self.now,
        }

    def _url(self, path: str, uid: str) -> str:
        return f"{self.login_url}{path}&m={uid}"

    def _body(self, uid: str, telling: Telling, text: str) -> bytes:
        link = _escaped(telling.link)
        userid = telling.to.userid
        if len(text) > cards.LONGEST_TEXT:
            tail = f'\n<a href="{self._url(link, uid)}">打开查看</a>'
            return cards.text_message(userid=userid, agent_id=self.agent_id, text=text, tail=tail)
        desc = points_in_words(telling.points)
        shape = _Shape(
            telling.title,
            bool(desc),
            telling.facts,
            tuple([name for name, _ in telling.buttons]),
            tuple([name for name, _ in telling.presses]),
            len(telling.choices),
        )
        pattern = self.patterns.get(shape) or self._pattern(shape)
        paths = [link]
        for _, path in telling.buttons:
            paths.append(link if path == telling.link else _escaped(path))
        return pattern.filled(
            userid=userid,
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


def _escaped(path: str) -> str:
    """A path of ours as the value of `next=`."""
    return path.translate(ESCAPES) if path.isascii() else quote(path, safe="/")
