"""Queues notices in the same commit as the change they tell of."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import current_app

from app import clock
from app.db import Session, insert_many
from app.notices import pacing
from app.notices.models import Delivery, Outcome
from app.notices.pacing import QuietHours
from app.notices.queue import choices
from app.notices.queue.fitting import fitted
from app.notices.telling import Letter, Telling, in_words, listed
from app.notices.wordings.catalogue import Wording, present
from app.notices.wordings.files import act_of, audience_of
from app.wecom import cards
from app.wecom.patterns import CardPattern
from app.work import platform
from app.work.models import HistoryEvent

GATHERED = "与同一天的其他超期提醒合为一条，几分钟内发出"


def quiet_until(*, waits: bool) -> datetime | None:
    """When what can wait will ring, if it is a quiet hour now."""
    quiet: QuietHours | None = current_app.config["QUIET_HOURS"]
    return quiet.until(clock.local(clock.now())) if waits and quiet else None


@dataclass(frozen=True)
class Prepared:
    """Messages put together but for the event that they tell of, by what becomes of them and why."""

    rows: Mapping[tuple[Outcome, str], Sequence[Mapping[str, Any]]]

    @property
    def people(self) -> int:
        """How many will be told."""
        return sum(map(len, self.rows.values()))

    @property
    def ringing(self) -> frozenset[int]:
        """Who will have it in the messenger, and not in the app alone."""
        return frozenset(row["recipient_id"] for row in self.rows.get((Outcome.PENDING, ""), ()))


def announce(
    session: Session,
    event: HistoryEvent,
    told: Iterable[Telling] | Prepared,
    *,
    waits: bool = False,
    gathers: bool = False,
) -> int:
    """Write one delivery per person; returns how many people will be told.

    Call it inside transaction(): people are told if and only if the act is kept. What `waits` does not
    ring in quiet hours: it is held until the morning, with the reason in the ledger. What `gathers` is
    held for some minutes, so that what is said to a person of several tasks makes one message.
    """
    prepared = told if isinstance(told, Prepared) else prepare(session, told)
    for (outcome, reason), alike in prepared.rows.items():
        shared = _shared(event, outcome, reason, now=clock.now(), waits=waits, gathers=gathers)
        insert_many(session, Delivery, alike, shared=shared)
    return prepared.people


def prepare(session: Session, tellings: Iterable[Telling]) -> Prepared:
    """Put together what `announce` writes; reads only, so that thousands can be ready before the lock is taken.

    A person named by several tellings gets one message with every text, the
    first telling (the most demanding role) giving title, link and buttons.
    Texts about different points say each which are its own.
    """
    by_person: dict[int, list[Telling]] = {}
    for telling in tellings:
        by_person.setdefault(telling.to.id, []).append(telling)
    writer = _Writer(session)
    by_choice = choices.muted_among(session, {parts[0].wording for parts in by_person.values()})
    rows: dict[tuple[Outcome, str], list[Mapping[str, Any]]] = {}
    for uid, parts in zip(new_uids(len(by_person), at=clock.now()), by_person.values(), strict=True):
        first = parts[0]
        muted = bool(by_choice) and (first.to.id, first.wording) in by_choice
        rows.setdefault(_outcome(first, muted=muted), []).append(writer.row(uid, parts))
    return Prepared(rows)


def drafted(session: Session, event: HistoryEvent, parts: list[Telling]) -> dict[str, Any]:
    """The columns of one message by itself, due now."""
    now = clock.now()
    [uid] = new_uids(1, at=now)
    shared = _shared(event, Outcome.PENDING, "", now=now, waits=False, gathers=False)
    return _Writer(session).row(uid, parts) | shared


def renew(session: Session, held: Sequence[tuple[Delivery, Sequence[Telling]]]) -> None:
    """Messages that were not sent yet say what these tellings say; who is not written to any more is not."""
    writer = _Writer(session)
    by_choice = choices.muted_among(session, {parts[0].wording for _, parts in held})
    for row, parts in held:
        first = parts[0]
        outcome, reason = _outcome(first, muted=(first.to.id, first.wording) in by_choice)
        if outcome is not Outcome.PENDING:
            row.outcome, row.reason, row.settled_at = outcome, reason, clock.now()
        for name, value in writer.row(row.uid, list(parts)).items():
            setattr(row, name, value)


def _shared(
    event: HistoryEvent, outcome: Outcome, reason: str, *, now: datetime, waits: bool, gathers: bool
) -> dict[str, Any]:
    """What all deliveries of this event, outcome and reason have in common."""
    goes = outcome is Outcome.PENDING
    held_until = quiet_until(waits=waits) if goes else None
    goes_at = now
    if held_until is not None:
        reason = f"免打扰时间（{current_app.config['QUIET_HOURS']}），暂存到早上"
    elif gathers and goes:
        held_until, reason = now, GATHERED
    elif waits and current_app.config["QUIET_HOURS"]:
        goes_at = pacing.off_the_mark(now, spread=event.id * 41)
    return {
        "event_id": event.id,
        "subject_kind": event.subject_kind,
        "subject_id": event.subject_id,
        "outcome": outcome,
        "reason": reason,
        "created_at": now,
        "next_at": goes_at if goes and held_until is None else None,
        "held_until": held_until,
        "settled_at": None if goes else now,
    }


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
    if telling.letter.in_app:
        return Outcome.IN_APP, ""
    if telling.to.left:
        return Outcome.INVALID_ACCOUNT, "人员已离职，未发送"
    if muted:
        return Outcome.IN_APP, choices.MUTED
    return Outcome.PENDING, ""


class _Ready:
    """A letter as one act sends it: what is the same for everybody put in already."""

    def __init__(
        self, letter: Letter, wording: Wording, *, agent_id: int, address: Callable[[str, str], str]
    ) -> None:
        self._letter = letter
        self._agent_id = agent_id
        self._address = address
        self._patterns: dict[tuple[bool, int], CardPattern] = {}
        self.wording = wording
        self.shared = {
            "wording": letter.wording,
            "act": act_of(letter.wording),
            "audience": audience_of(letter.wording),
            "title": letter.title,
        }

    def card(self, uid: str, telling: Telling, text: str, *, points: tuple[str, ...], path: str) -> bytes:
        """The request for one person; `points` are all that its text is about."""
        offered = telling.choices
        desc = in_words(points, self._letter.noun, longest=cards.LONGEST_DESC)
        shape = (bool(desc), len(offered))
        return (self._patterns.get(shape) or self._pattern(*shape)).filled(
            userid=telling.to.userid,
            uid=uid,
            desc=desc,
            text=text,
            path=path,
            after="" if telling.about_id is None else f":{telling.about_id}",
            choices=offered,
        )

    def _pattern(self, has_desc: bool, choices: int) -> CardPattern:
        letter = self._letter
        made = self._patterns[has_desc, choices] = CardPattern(
            agent_id=self._agent_id,
            source="服务任务",
            title=letter.title,
            has_desc=has_desc,
            facts=letter.facts,
            buttons=[(name, _escaped(more)) for name, more in letter.buttons],
            presses=letter.presses,
            choices=choices,
            choices_title=letter.choose,
            address=self._address,
        )
        return made


class _Writer:
    """Turns tellings of one act into delivery rows; holds what they share."""

    def __init__(self, session: Session) -> None:
        self._wordings = present(session)
        self._everywhere = {"platform": platform.values(session)[platform.NAME]}
        self._agent_id: int = current_app.config["WECOM_AGENT_ID"]
        self._login_url: str = current_app.config["PUBLIC_BASE_URL"] + "/login?inside=1&next="
        self._ready: dict[Letter, _Ready] = {}

    def row(self, uid: str, parts: list[Telling]) -> dict[str, Any]:
        """The delivery for one person, its request bytes frozen."""
        first = parts[0]
        ready = self._ready_for(first.letter)
        points = first.points
        if len(parts) == 1:
            text = ready.wording.filled(first.values)
        else:
            text = "\n".join("".join(pieces) for pieces in self._sentences(parts))
            points = tuple({name: None for part in parts for name in part.points})
        if first.letter.in_app:
            body = b""
        else:
            said = text if len(text) <= cards.LONGEST_TEXT else self._short(parts)
            body = ready.card(uid, first, said, points=points, path=_escaped(first.link))
        about_id = first.about_id if _all_of_one_row(parts) else None
        return {
            **ready.shared,
            "uid": uid,
            "recipient_id": first.to.id,
            "about_kind": None if about_id is None else first.letter.about,
            "about_id": about_id,
            "text": text,
            "link": first.link,
            "body": body,
        }

    def _short(self, parts: list[Telling]) -> str:
        """The text as its card says it, where it is too long for one; whole it stands in the app."""
        return fitted(self._sentences(parts), longest=cards.LONGEST_TEXT)

    def _sentences(self, parts: list[Telling]) -> list[list[str]]:
        """Every text in pieces; where they are about different points, each with its own behind it."""
        apart = len({part.points for part in parts}) > 1
        sentences = []
        for part in parts:
            pieces = self._ready_for(part.letter).wording.pieces(part.values)
            names_them = "place" in self._wordings[part.wording].needs
            if apart and not names_them:
                pieces += ["（", listed(part.points, part.letter.noun), "）"]
            sentences.append(pieces)
        return sentences

    def _ready_for(self, letter: Letter) -> _Ready:
        return self._ready.get(letter) or self._prepare(letter)

    def _prepare(self, letter: Letter) -> _Ready:
        wording = self._wordings[letter.wording].given({**self._everywhere, **letter.values})
        ready = self._ready[letter] = _Ready(letter, wording, agent_id=self._agent_id, address=self._url)
        return ready

    def _url(self, path: str, uid: str) -> str:
        return f"{self._login_url}{path}&m={uid}"


def _all_of_one_row(parts: list[Telling]) -> bool:
    return len({part.about_id for part in parts}) == 1


def _escaped(path: str) -> str:
    """A path of ours as the value of `next=`."""
    return quote(path, safe="/")
