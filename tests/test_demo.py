"""The demo: real places, a made-up company, a few days of its work."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock, demo, demo_tasks
from app.cli import register_commands
from app.core import create_core
from app.db import session
from app.notices.models import Delivery
from app.people import queries as people
from app.people.models import Person, SupportArea
from app.places.models import Place
from app.tasks.models import PointTask, Task
from tests.databases import DIALECTS, Databases, close_database, settings_for
from tests.told_time import ToldTime


class Bar:
    """Counts what a progress bar is told."""

    def __init__(self) -> None:
        self.steps = 0

    def update(self, steps: int) -> None:
        self.steps += steps


@dataclass
class Seeded:
    """A seeded database, and how far its three progress bars went."""

    app: Flask
    bars: list[Bar]
    moment: datetime


# All tests that look at one database on one worker: each worker would seed it for itself.
ONE_EACH = [pytest.param(dialect, marks=pytest.mark.xdist_group(f"seeded {dialect}")) for dialect in DIALECTS]


@pytest.fixture(scope="module", params=ONE_EACH)
def seeded(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Seeded]:
    """One database for all tests that only look, seeded at 2026-11-23 09:00."""
    address = databases.new(request.param)
    app = create_core(settings_for(address))
    register_commands(app)
    told = ToldTime()
    bars = [Bar(), Bar(), Bar()]
    with app.app_context():
        for seed, bar in zip((demo.seed_places, demo.seed_people, demo_tasks.seed), bars, strict=True):
            seed(bar.update)
        yield Seeded(app, bars, told.moment)
        close_database()
    told.forget()
    databases.drop(address)


def count(*kinds):
    return [session().execute(sa.select(sa.func.count()).select_from(kind)).scalar_one() for kind in kinds]


def labels(publisher, task_type):
    """label → rows of the newest such task."""
    query = (
        sa.select(PointTask.label, sa.func.count())
        .join(Task)
        .join(Person, Person.id == Task.publisher_id)
        .where(Person.name == publisher, Task.type == task_type)
        .group_by(PointTask.label)
    )
    return dict(session().execute(query).all())


def test_the_demo_has_the_country_a_company_and_a_past(seeded):
    assert count(Place, Person, SupportArea) == [3214, 316, 8556]

    assert labels("陆文静", "数据调度") == {"已办结": 22}
    assert labels("林敏", "数据调度") == {"已办结": 72, "正常": 12}
    assert labels("陆文静", "重大活动保障") == {"正常": 40}
    assert labels("林敏", "应急事件") == {"已办结": 12, "已超期": 6}
    assert labels("林敏", "升级任务") == {"升级回退": 12}


def test_the_cast_is_there_with_its_roles(seeded):
    roles = {
        userid: people.by_userid(userid).role_names for userid in ("linmin", "wangqiang", "zhaolan", "sunli")
    }

    assert roles == {
        "linmin": ["发布人"],
        "wangqiang": ["实施人"],
        "zhaolan": ["主管"],
        "sunli": ["服务经理"],
    }
    assert people.heads_the_company(people.by_userid("zhouzong"))


def test_the_past_lies_in_the_past_and_the_clock_goes_on(seeded):
    assert clock.now() == seeded.moment
    newest = session().execute(sa.select(sa.func.max(PointTask.closed_at))).scalar_one()
    published = session().execute(sa.select(sa.func.max(Task.published_at))).scalar_one()

    assert newest < seeded.moment
    assert published < seeded.moment


def test_lin_min_has_a_draft_that_told_nobody(seeded):
    draft = session().execute(sa.select(Task).where(Task.published_at.is_(None))).scalar_one()

    assert draft.publisher.name == "林敏"
    assert draft.draft_places == "310101,310104,310105"
    told = sa.select(sa.func.count()).where(Delivery.subject_id == draft.id, Delivery.subject_kind == "task")
    assert session().execute(told).scalar_one() == 0


def test_few_messages_wait_and_nobody_gets_many(seeded):
    recipients = Counter(session().execute(sa.select(Delivery.recipient_id)).scalars())

    assert 10 <= recipients.total() <= 60
    assert max(recipients.values()) <= 4


def test_seeding_again_changes_nothing(seeded):
    before = count(Place, Person, SupportArea, Task, PointTask, Delivery)
    result = seeded.app.test_cli_runner().invoke(args=["demo", "seed"])
    session().rollback()

    assert result.stdout.count("已有，保持不变") == 3
    assert count(Place, Person, SupportArea, Task, PointTask, Delivery) == before


def test_a_seed_that_was_cut_short_is_completed(app):
    demo.seed_places(Bar().update)
    demo.seed_people(Bar().update)
    told = Bar()

    def interrupted(steps: int) -> None:
        told.update(steps)
        if told.steps == 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo_tasks.seed(interrupted)
    assert demo_tasks.missing()
    demo_tasks.seed(Bar().update)

    assert not demo_tasks.missing()
    assert labels("林敏", "数据调度") == {"已办结": 72, "正常": 12}


def test_the_progress_bars_know_how_long_they_are(seeded):
    steps = [bar.steps for bar in seeded.bars]

    assert steps == [demo.PLACES, demo.PEOPLE_AND_AREAS, demo_tasks.STEPS]


@pytest.mark.proves("X-S24")
def test_production_refuses_demo_data(app):
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"MODE": "production"})
    result = app.test_cli_runner().invoke(args=["demo", "seed"])

    assert result.exit_code == 1
    assert "生产环境" in result.stderr
    assert count(Place) == [0]
