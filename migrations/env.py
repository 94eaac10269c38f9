"""Runs migrations on SQLite and PostgreSQL alike, data kept."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from click import ClickException
from sqlalchemy.exc import SQLAlchemyError

# Every module with rows, so that the metadata are whole whichever application runs the migrations.
import app.insight.models
import app.notices.models
import app.people.models
import app.places.models
import app.tasks.models
import app.wecom.models
import app.work.models  # noqa: F401
import callbacks.models  # noqa: F401
from app.db import Base, Utc, db
from app.outage import is_outage, reason_of


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our types into revisions by what the database sees, so old revisions never import our code."""
    if kind == "type" and isinstance(item, Utc):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Apply revisions in one transaction; on SQLite with foreign keys off, checked before the commit."""
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        driver = connection.connection.driver_connection
        if sqlite:
            # A batch rebuild drops the old table; with the pragma on that would delete its children.
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transactional_ddl=True,
            compare_type=True,
            compare_server_default=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            if not sqlite:
                connection.execute(sa.text("SET statement_timeout = 0"))
            context.run_migrations()
            if sqlite and (broken := connection.execute(sa.text("PRAGMA foreign_key_check")).all()):
                raise RuntimeError(f"rows point to nothing after the migration: {broken[:5]}")
        if sqlite:
            driver.execute("PRAGMA foreign_keys=ON")
        connection.commit()


try:
    run()
except SQLAlchemyError as error:
    if not is_outage(error):
        raise
    raise ClickException(
        f"数据库没有应答（{reason_of(error)}）。请检查 DATABASE_URL，确认数据库已启动。"
    ) from None
