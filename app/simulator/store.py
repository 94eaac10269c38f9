"""The stand-in's own SQLite file: one connection, one lock, short transactions."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")


class Store:
    """Hands out the connection inside a transaction; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        # A demo's state may be lost with the power; speed for the senders matters more.
        self._db.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL; BEGIN;" + SCHEMA + "COMMIT;")
        # One connection under one lock beats a pool here: every statement takes microseconds.
        self._lock = threading.RLock()
        self._depth = 0
        self.epoch = secrets.token_hex(4)
        self._changed: int = self._db.execute("SELECT coalesce(max(changed), 0) FROM delivery").fetchone()[0]

    @contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction: committed at the end, rolled back on an exception."""
        with self._lock:
            if self._depth:
                yield self._db
                return
            self._depth += 1
            self._db.execute("BEGIN")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def next_change(self) -> int:
        """A growing number that lets a phone ask for what changed since it last looked."""
        with self._lock:
            self._changed += 1
            return self._changed

    def last_change(self) -> int:
        return self._changed

    def reset(self) -> None:
        """Forget everything; the new epoch tells open phones to start over."""
        with self.use() as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                db.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names come from our own schema
        self.epoch = secrets.token_hex(4)

    def close(self) -> None:
        with self._lock:
            self._db.close()
