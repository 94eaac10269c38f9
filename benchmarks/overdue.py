"""B-O1…B-O3: 10,000 rows past their deadline among a million, against the two statements it takes at least."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import db, session
from app.notices.models import Delivery
from app.tasks.clock import overdue
from app.tasks.labels import Label
from app.tasks.models import PointTask, Task, TaskCount
from app.tasks.publishing import publish
from app.tasks.publishing.plan import PublishForm
from app.work import form_keys
from app.work.models import HistoryEvent
from benchmarks import country
from benchmarks.measure import alternate, each, timed, watching
from benchmarks.report import Report
from benchmarks.stores import driver, tidy

TASKS = 4
ROWS = country.OVERDUE_TOWNS
MESSAGES = 2 * ROWS

INSERT = """
INSERT INTO delivery (uid, event_id, subject_kind, subject_id, wording, act, audience, recipient_id, title, text, link,
    body, outcome, reason, attempts, next_at, created_at)
SELECT uid, {event}, 'task', task_id, 'overdue.' || audience, 'overdue', audience, recipient_id, {title}, {text},
    '/point-tasks/' || id, {body}, '待发', '', 0, {now}, {now}
FROM (
    SELECT p.id, p.task_id, w.audience, r.id AS recipient_id, r.userid,
        '000000000000' || substr({random}, 1, 20) AS uid
    FROM point_task p
    JOIN (SELECT 0 AS number, 'implementer' AS audience UNION ALL SELECT 1, 'copied_in') w ON true
    JOIN person r ON r.id = CASE w.number WHEN 0 THEN p.implementer_id ELSE p.supervisor_id END
    WHERE p.next_look_at IS NOT NULL AND p.next_look_at <= {now}
) told
"""
UPDATE = """
UPDATE point_task SET overdue_at = {now}, next_look_at = NULL, version = version + 1, label = '已超期'
WHERE next_look_at IS NOT NULL AND next_look_at <= {now}
"""


def against_floor(report: Report, app: Flask, *, dialect: str) -> None:
    """B-O1 and B-O3."""
    with app.app_context():
        task_ids = publish_overdue()
    passing = Pass(app, task_ids)
    with app.app_context(), watching(db.engine) as seen:
        passing.run()
    floor = Floor(passing)
    times = alternate({"product": passing.run, "floor": floor.run})
    note = f"{times['product'] * 1000:.0f} ms ÷ {times['floor'] * 1000:.0f} ms"
    report.add("B-O1", dialect, times["product"] / times["floor"], note)
    report.add("B-O3 per alert", dialect, seen.count / MESSAGES, f"{seen.count} ÷ {MESSAGES}")
    report.add("B-O3 longest write", dialect, seen.longest_write * 1000)


def empty(report: Report, few: Flask, many: Flask, *, dialect: str) -> None:
    """B-O2: nothing is overdue."""
    times = alternate({"few": lambda: _empty(few), "many": lambda: _empty(many)})
    note = f"{times['many'] * 1000:.2f} ms ÷ {times['few'] * 1000:.2f} ms"
    report.add("B-O2 1M to 10k rows", dialect, times["many"] / times["few"], note)
    report.add("B-O2 1M rows", dialect, times["many"] * 1000)


def _empty(app: Flask) -> float:
    with app.app_context():
        assert overdue.scan() == 0
        return each(overdue.scan, times=100)


def publish_overdue() -> list[int]:
    """Tasks whose deadline has passed; everyone in them is told of one row only."""
    by = country.person(country.PUBLISHER)
    found = []
    each_task = ROWS // TASKS
    for number in range(TASKS):
        codes = country.town_codes(each_task, start=country.TOWNS + number * each_task)
        due_at = country.NOW - timedelta(hours=1)
        form = PublishForm("应急事件", "紧急", due_at, tuple(codes), "请先备份，再操作。")
        with clock.standing_at(country.NOW - timedelta(days=2)):
            found.append(publish.publish(form, by=by, form_key=form_keys.new_key()))
    return found


class Pass:
    """The scan; checks what came of it and takes it back."""

    def __init__(self, app: Flask, task_ids: list[int]) -> None:
        self.app = app
        self.task_ids = task_ids
        self.of_tasks = PointTask.task_id.in_(task_ids)

    def run(self) -> float:
        """Seconds of one pass."""
        with self.app.app_context():
            tidy(db.engine)
            seconds = timed(overdue.scan)
        self.check_and_take_back()
        return seconds

    def check_and_take_back(self) -> None:
        """After a pass, ours or another process's."""
        with self.app.app_context():
            self.check()
            self.take_back()

    def check(self) -> None:
        """Every row is marked, and everyone is told once."""
        with db.engine.connect() as connection:
            marked = sa.select(sa.func.count()).where(self.of_tasks, PointTask.label == Label.OVERDUE)
            assert connection.execute(marked).scalar_one() == ROWS
            told = sa.select(Delivery.wording, sa.func.count(Delivery.recipient_id.distinct()))
            told = told.where(self.told()).group_by(Delivery.wording)
            assert dict(connection.execute(told).tuples().all()) == {
                "overdue.implementer": ROWS,
                "overdue.copied_in": ROWS,
            }

    def told(self) -> sa.ColumnElement[bool]:
        """The deliveries of overdue events."""
        return Delivery.event_id.in_(sa.select(HistoryEvent.id).where(HistoryEvent.act == "overdue"))

    def take_back(self) -> None:
        """Rows, counts and history as they were before the pass."""
        fresh = {"overdue_at": None, "next_look_at": PointTask.due_at, "label": Label.NORMAL, "version": 1}
        with db.engine.begin() as connection:
            if db.engine.dialect.name == "postgresql":
                connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            connection.execute(sa.delete(Delivery).where(self.told()))
            connection.execute(sa.delete(HistoryEvent).where(HistoryEvent.act == "overdue"))
            connection.execute(sa.update(PointTask).where(self.of_tasks).values(fresh))
            tasks = sa.update(Task).where(Task.id.in_(self.task_ids))
            connection.execute(tasks.values(announce_overdue_from=None))
            counts = TaskCount.task_id.in_(self.task_ids)
            connection.execute(sa.delete(TaskCount).where(counts))
            rows = (
                sa.select(
                    PointTask.task_id,
                    sa.func.coalesce(PointTask.region_id, 0),
                    PointTask.label,
                    sa.func.count(),
                    sa.func.sum(PointTask.items_total),
                    sa.func.sum(PointTask.items_done),
                )
                .where(self.of_tasks)
                .group_by(PointTask.task_id, PointTask.region_id, PointTask.label)
            )
            columns = ["task_id", "region_id", "label", "rows", "items_total", "items_done"]
            connection.execute(sa.insert(TaskCount).from_select(columns, rows))


class Floor:
    """One INSERT…SELECT of messages as long as the product's, and one UPDATE, in one transaction."""

    def __init__(self, passing: Pass) -> None:
        self.passing = passing
        with passing.app.app_context():
            overdue.scan()
            sample = session().execute(
                sa.select(Delivery.uid, Delivery.title, Delivery.text, Delivery.body, Delivery.recipient_id)
                .where(passing.told(), Delivery.wording == "overdue.copied_in")
                .limit(1)
            )
            uid, title, text, body, recipient_id = sample.one()
            userid = (
                session()
                .execute(sa.text("SELECT userid FROM person WHERE id = :id"), {"id": recipient_id})
                .scalar_one()
            )
            session().rollback()
            passing.take_back()
        pieces = (
            body.decode().replace(f'"touser":"{userid}"', '"touser":"\0userid\0"').replace(uid, "\0uid\0")
        )
        self.body = " || ".join(part if n % 2 else _quoted(part) for n, part in enumerate(pieces.split("\0")))
        self.title, self.text = _quoted(title), _quoted(text)

    def run(self) -> float:
        """Seconds of the two statements and the commit."""
        with self.passing.app.app_context():
            statements = self._statements()
            tidy(db.engine)
            with driver(db.engine) as cursor:
                seconds = timed(lambda: self._execute(cursor, statements))
            self.passing.check()
            self.passing.take_back()
        return seconds

    def _statements(self) -> list[str]:
        sqlite = db.engine.dialect.name == "sqlite"
        now = country.NOW.strftime("%Y-%m-%d %H:%M:%S.000000")
        with db.engine.begin() as connection:
            values = {
                "subject_kind": "task",
                "subject_id": 0,
                "act": "overdue",
                "at": country.NOW,
                "facts": {},
            }
            event = connection.execute(sa.insert(HistoryEvent).values(values).returning(HistoryEvent.id))
            facts: dict[str, Any] = {
                "event": event.scalar_one(),
                "title": self.title,
                "text": self.text,
                "body": f"CAST({self.body} AS BLOB)" if sqlite else f"convert_to({self.body}, 'UTF8')",
                "random": "hex(randomblob(10))" if sqlite else "md5(random()::text)",
                "now": f"'{now}'" if sqlite else f"'{now}+00'::timestamptz",
            }
        return [
            "BEGIN IMMEDIATE" if sqlite else "BEGIN",
            INSERT.format(**facts),
            UPDATE.format(**facts),
            "COMMIT",
        ]

    def _execute(self, cursor: Any, statements: list[str]) -> None:
        for statement in statements:
            cursor.execute(statement)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
