"""The list of API calls for the desk: kept in memory for a moment, written by its own thread."""

import threading
from typing import Any

from app.simulator.store import Store

KEPT = 20_000
PAUSE = 0.25
INSERT = (
    "INSERT INTO call (at, method, api, query, body, status, errcode, answer, took, note) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class CallLog:
    """Writing a call down must not slow the call; whoever reads the list flushes it first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Any, ...]] = []
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._writer: threading.Thread | None = None

    def add(self, row: tuple[Any, ...]) -> None:
        with self._lock:
            self._waiting.append(row)
            if self._writer is None:
                self._writer = threading.Thread(target=self._keep_writing, name="call-log", daemon=True)
                self._writer.start()

    def flush(self) -> None:
        # The store's lock comes first, so that a reader sees every call answered before it asked.
        with self._store.use() as db:
            with self._lock:
                rows, self._waiting = self._waiting, []
            if rows:
                db.executemany(INSERT, rows)
                # The desk shows recent calls; an endless list would slow a long demo down.
                db.execute("DELETE FROM call WHERE id <= (SELECT max(id) FROM call) - ?", (KEPT,))

    def stop(self) -> None:
        self._done.set()
        if self._writer is not None:
            self._writer.join()
        self.flush()

    def _keep_writing(self) -> None:
        while not self._done.wait(PAUSE):
            if self._waiting:
                self.flush()
