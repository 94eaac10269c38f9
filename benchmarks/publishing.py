"""B-P1…B-P3: one publish, whole HTTP request until committed, against the raw writing of the same rows."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.db import db, session
from app.notices.models import Delivery
from app.tasks.models import PointTask, Task, TaskCount, TaskItem
from app.tasks.publishing import again
from app.work import form_keys
from app.work.models import HistoryEvent
from benchmarks import country
from benchmarks.browser import Browser
from benchmarks.measure import alternate, timed, watching
from benchmarks.report import Report
from benchmarks.stores import driver, tidy

POINTS = 3000
DUE = "2026-12-24T18:00"


def against_floor(report: Report, app: Flask, *, dialect: str) -> None:
    """B-P1, B-P3 and the growth from 300 to 30,000 points."""
    small, usual, large = (Publish(app, n) for n in (POINTS // 10, POINTS, POINTS * 10))
    floor = Floor(usual)
    times = alternate({"product": usual.run, "floor": floor.run})
    note = f"{times['product'] * 1000:.0f} ms ÷ {times['floor'] * 1000:.0f} ms"
    report.add("B-P1", dialect, times["product"] / times["floor"], note)
    report.add("B-P3 3,000 points", dialect, usual.statements)
    times = alternate({"small": small.run, "usual": usual.run})
    report.add("B-P2 300 to 3,000 points", dialect, times["usual"] / times["small"] / 10)
    times = alternate({"usual": usual.run, "large": large.run}, rounds=3)
    report.add("B-P2 3,000 to 30,000 points", dialect, times["large"] / times["usual"] / 10)
    report.add("B-P3 30,000 points", dialect, large.statements)


def among_many(report: Report, few: Flask, many: Flask, *, dialect: str) -> None:
    """B-P2: the same publish beside a million rows."""
    times = alternate({"few": Publish(few, POINTS).run, "many": Publish(many, POINTS).run})
    note = f"{times['many'] * 1000:.0f} ms ÷ {times['few'] * 1000:.0f} ms"
    report.add("B-P2 1M to 0 rows present", dialect, times["many"] / times["few"], note)


def once(app: Flask, *, ready: Callable[[], object]) -> None:
    """One publish of 3,000 points, once everybody is `ready`."""
    publish = Publish(app, POINTS)
    with app.app_context():
        ready()
        publish.submit()
        publish.check()


class Publish:
    """Publishes to so many towns, nobody told twice; checks what came of it and takes it away again."""

    def __init__(self, app: Flask, points: int) -> None:
        self.app = app
        self.points = points
        self.statements = 0
        with app.app_context():
            self.browser = Browser(app, person_id=country.person(country.PUBLISHER).id)
        self.form = {
            "csrf_token": self.browser.csrf,
            "act": "publish",
            "type": "应急事件",
            "urgency": "紧急",
            "due_at": DUE,
            "note": "请先备份，再操作。",
            "places": ",".join(country.town_codes(points)),
        }
        with app.app_context():
            self.form["confirmed"] = self._asked()

    def _asked(self) -> str:
        """What the page would ask: the same kind of task is open at these places already."""
        by, codes = country.person(country.PUBLISHER), country.town_codes(self.points)
        same = again.of_same(session(), type_=self.form["type"], patch_id=None, place_codes=codes, by=by)
        return "".join(question.token for question in same)

    def run(self) -> float:
        """Seconds of one publish."""
        with self.app.app_context():
            tidy(db.engine)
            with watching(db.engine) as seen:
                seconds = timed(self.submit)
            self.statements = seen.count
            self.check()
            self.take_away()
        return seconds

    def submit(self) -> None:
        """The request."""
        answer = self.browser.post("/tasks/new", self.form | {"form_key": form_keys.new_key()})
        assert answer.status == 302, (answer.status, answer.body.decode()[-3000:])
        self.task_id = int(answer.headers["Location"].rsplit("/", 1)[1])

    def check(self) -> None:
        """The right rows and exactly the right messages."""
        with db.engine.connect() as connection:
            rows = connection.execute(counted(PointTask, PointTask.task_id == self.task_id)).scalar_one()
            items = sa.select(sa.func.count()).select_from(TaskItem).join(PointTask)
            assert rows == self.points
            assert connection.execute(items.where(PointTask.task_id == self.task_id)).scalar_one() == rows
            told = sa.select(Delivery.wording, sa.func.count(Delivery.recipient_id.distinct()))
            told = told.where(mine(self.task_id)).group_by(Delivery.wording)
            assert dict(connection.execute(told).tuples().all()) == {
                "publish.implementer": rows,
                "publish.copied_in": 2 * rows,
            }
            one = sa.select(Delivery.body, Delivery.text).where(mine(self.task_id)).limit(1)
            body, text = connection.execute(one).one()
            assert json.loads(body)["template_card"]["sub_title_text"] == text

    def take_away(self, *, all_of_it: bool = True) -> None:
        """Leave the database as it was; else keep the task and its history to write rows for."""
        rows = sa.select(PointTask.id).where(PointTask.task_id == self.task_id)
        with db.engine.begin() as connection:
            connection.execute(sa.delete(Delivery).where(mine(self.task_id)))
            connection.execute(sa.delete(TaskItem).where(TaskItem.point_task_id.in_(rows)))
            connection.execute(sa.delete(PointTask).where(PointTask.task_id == self.task_id))
            connection.execute(sa.delete(TaskCount).where(TaskCount.task_id == self.task_id))
            if all_of_it:
                of_task = HistoryEvent.subject_id == self.task_id, HistoryEvent.subject_kind == "task"
                connection.execute(sa.delete(HistoryEvent).where(*of_task))
                connection.execute(sa.delete(Task).where(Task.id == self.task_id))


class Floor:
    """The very rows that a publish wrote, written again: two `executemany` of the driver in one transaction."""

    def __init__(self, publish: Publish) -> None:
        self.publish = publish
        self.app = publish.app
        with self.app.app_context():
            publish.submit()
            publish.check()
            self.task_id = publish.task_id
            self.points = _Copied(PointTask, PointTask.task_id == self.task_id)
            self.messages = _Copied(Delivery, mine(self.task_id))
            publish.take_away(all_of_it=False)

    def run(self) -> float:
        """Seconds of the two statements and the commit."""
        with self.app.app_context():
            tidy(db.engine)
            with driver(db.engine) as cursor:
                seconds = timed(lambda: self._write(cursor))
            with db.engine.connect() as connection:
                found = connection.execute(counted(Delivery, mine(self.task_id))).scalar_one()
            assert found == len(self.messages.rows) == 3 * len(self.points.rows)
            self.publish.task_id = self.task_id
            self.publish.take_away(all_of_it=False)
        return seconds

    def _write(self, cursor: Any) -> None:
        sqlite = self.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
        cursor.execute("BEGIN IMMEDIATE" if sqlite else "BEGIN")
        cursor.executemany(self.points.statement, self.points.rows)
        cursor.executemany(self.messages.statement, self.messages.rows)
        cursor.execute("COMMIT")


class _Copied:
    """Rows as the driver hands them out, and the INSERT that takes them."""

    def __init__(self, kind: Any, where: sa.ColumnElement[bool]) -> None:
        columns = [column.name for column in kind.__table__.columns]
        query = sa.select(kind.__table__).where(where).order_by(kind.id)
        text = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
        mark = "?" if db.engine.dialect.name == "sqlite" else "%s"
        names, marks = ", ".join(columns), ", ".join([mark] * len(columns))
        self.statement = f"INSERT INTO {kind.__tablename__} ({names}) VALUES ({marks})"  # noqa: S608 (names of ours)
        with driver(db.engine) as cursor:
            cursor.execute(text)
            self.rows = [tuple(row) for row in cursor.fetchall()]


def counted(kind: Any, where: sa.ColumnElement[bool]) -> sa.Select[int]:
    """How many rows of `kind`."""
    return sa.select(sa.func.count()).select_from(kind).where(where)


def mine(task_id: int) -> sa.ColumnElement[bool]:
    """The deliveries of a task's events."""
    events = sa.select(HistoryEvent.id).where(
        HistoryEvent.subject_kind == "task", HistoryEvent.subject_id == task_id
    )
    return Delivery.event_id.in_(events)
