"""Messages in the queue, and a post office of WeCom's that answers as it is told."""

import json
import secrets
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

import sqlalchemy as sa

from app import clock
from app.db import session, transaction
from app.notices.models import Delivery, Outcome
from app.notices.sending.messages import Messages
from app.notices.sending.verdicts import Claimed, Tried
from app.people.models import Person
from app.wecom.client import Sent
from app.wecom.errors import WeComError
from app.work.models import HistoryEvent


def queue(*userids: str, due: datetime | None = None) -> list[int]:
    """One message to each of these members, due now; their ids. Members are made as needed."""
    with transaction() as current:
        now = clock.now()
        event = HistoryEvent(subject_kind="task", subject_id=1, act="publish", by_id=None, at=now, facts={})
        current.add(event)
        known = {person.userid: person for person in current.scalars(sa.select(Person))}
        for userid in set(userids) - known.keys():
            known[userid] = Person(userid=userid, name=userid, pinyin=userid, initials=userid[:1])
            current.add(known[userid])
        current.flush()
        rows = [_row(event, known[userid], number, due or now) for number, userid in enumerate(userids)]
        current.add_all(rows)
        current.flush()
        return [row.id for row in rows]


def _row(event: HistoryEvent, person: Person, number: int, due: datetime) -> Delivery:
    uid = secrets.token_hex(16)
    body = {
        "touser": person.userid,
        "msgtype": "text",
        "agentid": 1000002,
        "text": {"content": f"您好 {uid}"},
    }
    body |= {"enable_duplicate_check": 1, "duplicate_check_interval": 14400}
    return Delivery(
        uid=uid,
        event_id=event.id,
        subject_kind="task",
        subject_id=1,
        act="test",
        audience=str(number),
        wording=f"test.{number}",  # one event tells a person several things only under several wordings
        recipient_id=person.id,
        title="任务",
        text="您好",
        link="/tasks/1",
        body=json.dumps(body, ensure_ascii=False).encode(),
        outcome=Outcome.PENDING,
        next_at=due,
        created_at=clock.now(),
    )


A_LEASE = timedelta(seconds=60)


def claimed(count: int = 100, *, lease: timedelta = A_LEASE) -> list[Claimed]:
    """So many rows that a sender has, and has not yet handed over."""
    return list(Messages().claim(count, lease=lease, token="gone").rows)


def in_the_hands_of_a_sender(count: int = 1, *, lease: timedelta = A_LEASE) -> list[Claimed]:
    """So many rows handed over by a sender that is never heard of again."""
    rows = claimed(count, lease=lease)
    return list(Messages().record([], rows, lease=lease, token="gone").handed_over)


def record(tried: Sequence[Tried]) -> None:
    """The sender that had them writes down what came of these."""
    sender, now = Messages(), clock.now()
    sender.record([(one, sender.judge(one, now=now, wait=timedelta(seconds=1))) for one in tried])


def give_back(rows: Sequence[Claimed]) -> None:
    """The sender that had them did not send them after all."""
    record([Tried(row, None, clock.now()) for row in rows])


def settled(ids: list[int], *, tried_at: datetime) -> None:
    """These were sent at that moment."""
    values = {"outcome": Outcome.ACCEPTED, "next_at": None, "tried_at": tried_at, "settled_at": tried_at}
    with transaction() as current:
        current.execute(sa.update(Delivery).where(Delivery.id.in_(ids)).values(values))


def members(count: int) -> list[str]:
    """So many userids."""
    return [f"member{number}" for number in range(count)]


def fresh(delivery_id: int) -> Delivery:
    """The row as the database has it now."""
    session().rollback()
    return session().get_one(Delivery, delivery_id)


def outcomes() -> dict[str, int]:
    """How many messages have which outcome."""
    session().rollback()
    query = sa.select(Delivery.outcome, sa.func.count()).group_by(Delivery.outcome)
    return dict(session().execute(query).all())


@dataclass
class PostOffice:
    """A gateway: takes every message, unless told what to answer to a member's next ones."""

    taken: list[bytes] = field(default_factory=list)
    _answers: dict[str, deque[Sent | Exception]] = field(default_factory=dict)
    _closed: WeComError | None = None
    _lock: Lock = field(default_factory=Lock)

    def answers(self, userid: str, *answers: Sent | Exception) -> None:
        """What this member's next messages meet, one each."""
        self._answers.setdefault(userid, deque()).extend(answers)

    def answers_at_last(self, userid: str, *answers: Sent | Exception) -> None:
        """What this member's next messages meet, whatever was planned before."""
        self._answers[userid] = deque(answers)

    def close(self, error: WeComError) -> None:
        """Meet every message with this error."""
        self._closed = error

    def open(self) -> None:
        """Take messages again."""
        self._closed = None

    def send(self, body: bytes) -> Sent:
        """As app.wecom.client.WeCom.send."""
        with self._lock:
            userid = json.loads(body)["touser"]
            self.taken.append(body)
            waiting = self._answers.get(userid)
            answer = self._closed or (waiting.popleft() if waiting else taken(f"msg{len(self.taken)}"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def userids(self) -> list[str]:
        """To whom, in order."""
        return [json.loads(body)["touser"] for body in self.taken]

    def repeats(self) -> int:
        """How many calls brought bytes that had been brought before."""
        return sum(count - 1 for count in Counter(self.taken).values())


def taken(msgid: str = "msg", *, invalid: str = "", unlicensed: str = "") -> Sent:
    """WeCom's answer to a message it took."""
    return Sent(
        msgid=msgid,
        response_code=f"code-{msgid}",
        invalid=frozenset(invalid.split()),
        unlicensed=frozenset(unlicensed.split()),
    )
