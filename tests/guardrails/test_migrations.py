"""Migrations: one line of them, equal to the models, and able to go back."""

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from app.db import Base, db
from app.tasks.managing import supervise
from app.tasks.publishing import publish


@pytest.fixture
def scripts(app: Flask) -> ScriptDirectory:
    return ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config())


def tables() -> set[str]:
    with db.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}


def test_there_is_one_newest_revision(scripts):
    assert len(scripts.get_heads()) == 1


def test_migrations_equal_models(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_heads()


def test_every_migration_can_be_undone_and_done_again(app):
    before = tables()
    assert before == set(Base.metadata.tables)

    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    assert tables() == before


@pytest.mark.proves("R-P13", "X-A12")
def test_the_newest_one_keeps_what_was_there(world, told_time):
    task_id = world.published("130102", "130105", type="数据调度")
    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())
    before = everything("task", "delivery", "point_task", "history_event")
    assert len(before["delivery"]) == 8

    flask_migrate.downgrade(revision="0007_cards")
    flask_migrate.upgrade()

    assert everything(*before) == before
    assert world.row(task_id).task.paused_to is None


def test_a_form_that_was_submitted_before_is_answered_the_same_afterwards(world):
    form, by, key = world.form("130102"), world.person("林敏"), world.key()
    task_id = publish.publish(form, by=by, form_key=key)

    flask_migrate.downgrade(revision="0018_inbox_leases")
    flask_migrate.upgrade()

    assert publish.publish(form, by=world.person("林敏"), form_key=key) == task_id


def everything(*names: str) -> dict[str, list[dict[str, object]]]:
    """All rows of these tables."""
    with db.engine.connect() as connection:
        tables = {name: sa.select(Base.metadata.tables[name]).order_by("id") for name in names}
        return {
            name: [dict(row) for row in connection.execute(query).mappings()]
            for name, query in tables.items()
        }
