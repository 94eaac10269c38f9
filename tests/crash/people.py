"""The crowd of a crash round: does its work over HTTP, repeats what was not acknowledged, and counts."""

import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock
from typing import Any

import requests
import sqlalchemy as sa
from itsdangerous import URLSafeTimedSerializer

from app import clock
from app.db import session
from app.notices.models import Delivery, Outcome
from app.people import sessions
from app.people.models import Person
from app.tasks.models import PointTask, Task, TaskCount, TaskItem
from app.work import form_keys
from app.work.models import HistoryEvent
from tests.databases import close_database, settings_for
from tests.world import STAFFED, build
from wsgi import create_app

DONE, ASKED = (302, 303), 422
PATIENCE = 60.0


@dataclass
class Work:
    """One task as its people remember it: every step of it was acknowledged."""

    note: str
    codes: list[str]
    task_id: int = 0
    fed_back: list[str] = field(default_factory=list)
    urged: bool = False


class Crowd:
    """林敏 publishes and urges; 王强, 李静 and 沈海 feed back."""

    def __init__(self, database_url: str, app_url: str, *, seed: int) -> None:
        self.app = create_app(settings_for(database_url, PUBLIC_BASE_URL=app_url))
        clock.tell(None)
        self.url, self.seed = app_url, seed
        self.works: list[Work] = []
        self.lock = Lock()
        with self.app.app_context():
            self.world = build()
            self.cookies = {name: self._cookie(name) for name in ("林敏", "王强", "李静", "沈海")}
        self.token = URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps("seed")

    def _cookie(self, name: str) -> dict[str, str]:
        signer: Any = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        token = sessions.start(self.world.by_name[name])
        kept = {"_user_id": token, "csrf_token": "seed", "_permanent": True}
        return {self.app.config["SESSION_COOKIE_NAME"]: signer.dumps(kept)}

    def work(self, number: int, done: Event) -> None:
        """Task after task until told to stop; a task that was begun is finished."""
        chance = random.Random(self.seed * 100 + number)  # noqa: S311 - repeatable chance, no secret
        made = 0
        while not done.is_set():
            made += 1
            codes = chance.sample(sorted(STAFFED), k=chance.randint(1, 3))
            work = self.published(codes, note=f"第 {self.seed}-{number}-{made} 号")
            for code in work.codes[: chance.randint(0, 2)]:
                self.feed_back(work, code)
            if chance.random() < 0.5:
                self._insist("林敏", f"/tasks/{work.task_id}/urge", whom="all")
                work.urged = True
            with self.lock:
                self.works.append(work)
            time.sleep(0.15)

    def published(self, codes: Sequence[str], *, note: str = "") -> Work:
        """林敏 publishes a task at these places."""
        work = Work(note or f"第 {self.seed} 号", sorted(codes))
        location = self._insist("林敏", "/tasks/new", **self._form(work))
        work.task_id = int(location.rsplit("/", 1)[1])
        return work

    def _form(self, work: Work) -> dict[str, str]:
        due = clock.local(clock.now() + timedelta(days=60))
        return {
            "act": "publish",
            "type": "应急事件",
            "urgency": "紧急",
            "due_at": due.strftime("%Y-%m-%dT%H:%M"),
            "places": ",".join(work.codes),
            "note": work.note,
        }

    def feed_back(self, work: Work, code: str) -> None:
        """Its implementer does the one item there is at the place."""
        with self.app.app_context():
            query = sa.select(PointTask.id, TaskItem.id).join(
                TaskItem, TaskItem.point_task_id == PointTask.id
            )
            found = query.where(PointTask.task_id == work.task_id, PointTask.place_code == code)
            row_id, item_id = session().execute(found).one()
        fields = {"version": "1", "items": "1", "item": str(item_id), "note": work.note}
        self._insist(STAFFED[code][0], f"/point-tasks/{row_id}/feed-back", **fields)
        work.fed_back.append(code)

    def _insist(self, name: str, path: str, **fields: str) -> str:
        """Submit the same form until it is acknowledged; where that leads to."""
        form: dict[str, Any] = {"csrf_token": self.token, "form_key": form_keys.new_key(), **fields}
        until = time.monotonic() + PATIENCE
        said: object = None
        while time.monotonic() < until:
            try:
                answer = requests.post(
                    self.url + path, data=form, cookies=self.cookies[name], allow_redirects=False, timeout=10
                )
            except requests.RequestException as error:
                said = error
            else:
                if answer.status_code in DONE:
                    return answer.headers["Location"]
                said = f"{answer.status_code} {answer.text[-400:]}"
                asked = re.findall(r'name="confirmed" value="([^"]+)"', answer.text)
                if answer.status_code == ASKED and asked != form.get("confirmed"):
                    form["confirmed"] = asked  # the same task at the same places again: yes
                    continue
                assert answer.status_code >= 429, f"{path}: {said}"
            time.sleep(0.1)
        raise AssertionError(f"{path}: {said}")

    def close(self) -> None:
        """Give back the connections to the database."""
        with self.app.app_context():
            close_database()

    # -- what must be true afterwards

    def waiting(self) -> int:
        """Messages without a verdict."""
        with self.app.app_context():
            return (
                session()
                .execute(sa.select(sa.func.count()).where(Delivery.next_at.is_not(None)))
                .scalar_one()
            )

    def sent_to(self) -> dict[str, int]:
        """Userid → how many messages the person must hold."""
        with self.app.app_context():
            query = sa.select(Person.userid, sa.func.count(Delivery.id)).outerjoin(
                Delivery, sa.and_(Delivery.recipient_id == Person.id, Delivery.outcome == Outcome.ACCEPTED)
            )
            return dict(session().execute(query.group_by(Person.userid)).all())

    def wrong(self) -> list[str]:
        """Work that is lost, half-written or there twice, in sentences."""
        with self.app.app_context():
            wrong = [f"no work was done: {len(self.works)}"] if not self.works else []
            tasks = {work.note: [] for work in self.works}
            for task in session().execute(sa.select(Task).where(Task.published_at.is_not(None))).scalars():
                tasks.setdefault(task.note, []).append(task)
            known = {work.note: work for work in self.works}
            for note, found in tasks.items():
                if note not in known or len(found) != 1:
                    wrong.append(f"{note}: {len(found)} tasks, acknowledged {note in known}")
                else:
                    wrong += [f"{note}: {said}" for said in _wrong_with(known[note], found[0])]
            unsettled = sa.select(Delivery.outcome, sa.func.count()).group_by(Delivery.outcome)
            outcomes = dict(session().execute(unsettled).all())
            if outcomes.keys() - {Outcome.ACCEPTED}:
                wrong.append(f"messages given up: {outcomes}")
        return wrong


def _wrong_with(work: Work, task: Task) -> list[str]:
    """One task against what its people remember."""
    rows = list(
        session().execute(sa.select(PointTask).where(PointTask.task_id == task.id)).unique().scalars()
    )
    counted = session().execute(sa.select(sa.func.sum(TaskCount.rows)).where(TaskCount.task_id == task.id))
    people = {name for code in work.codes for name in STAFFED[code] if name}
    done = sorted(row.place_code for row in rows if row.items_done == 1 and row.latest_note == work.note)
    facts = {
        "rows": (sorted(row.place_code for row in rows), work.codes),
        "items": (sum(len(row.items) for row in rows), len(work.codes)),
        "counts": (counted.scalar(), len(work.codes)),
        "published": (_told(task.id, "publish"), [len(people)]),
        "fed back": (done, sorted(work.fed_back)),
        "feedback events": (_events([row.id for row in rows]), len(work.fed_back)),
        "urged": (len(_told(task.id, "urge_all")), int(work.urged)),
    }
    return [f"{name}: {is_}, must be {must}" for name, (is_, must) in facts.items() if is_ != must]


def _told(task_id: int, act: str) -> list[int]:
    """For every such event of the task, how many messages it made."""
    query = (
        sa.select(sa.func.count(Delivery.id))
        .select_from(HistoryEvent)
        .outerjoin(Delivery, Delivery.event_id == HistoryEvent.id)
        .where(
            HistoryEvent.subject_kind == "task", HistoryEvent.subject_id == task_id, HistoryEvent.act == act
        )
        .group_by(HistoryEvent.id)
    )
    return list(session().execute(query).scalars())


def _events(row_ids: list[int]) -> int:
    query = sa.select(sa.func.count()).where(
        HistoryEvent.subject_kind == "point_task",
        HistoryEvent.subject_id.in_(row_ids),
        HistoryEvent.act == "feed_back",
    )
    return session().execute(query).scalar_one()
