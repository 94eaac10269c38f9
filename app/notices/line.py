"""Threads that carry claimed messages to the gateway, and what came of each."""

import logging
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic

from app import clock
from app.notices.verdicts import Claimed, Gateway, Receipt, Tried, holds_the_queue, no_verdict
from app.wecom.errors import OutcomeUnknown, WeComError

log = logging.getLogger(__name__)


class Line:
    """A pool of senders. Rows go in by `put`, results come out by `collect`, in batches.

    Daemon threads: a call that hangs must not keep the process from ending;
    its row is repeated once the lease is over.
    """

    def __init__(self, gateway: Gateway, *, threads: int, patience: int, stop: Event) -> None:
        """Sends nothing more once `patience` calls in a row got no verdict, or WeCom says to wait."""
        self.held_by: WeComError | None = None
        self.got_through = False
        self._without_verdict = 0
        self._patience = patience
        self._gateway = gateway
        self._most = threads
        self._stop = stop
        self._threads: list[Thread] = []
        self._waiting: SimpleQueue[Claimed | None] = SimpleQueue()
        self._lock = Lock()
        self._tried: list[Tried] = []
        self._news = Event()
        self.in_hand = 0

    def put(self, rows: Sequence[Claimed]) -> None:
        """Send these, as soon as a thread is free."""
        with self._lock:
            self.in_hand += len(rows)
        for row in rows:
            self._waiting.put(row)
        for _ in range(min(self._most, self.in_hand) - len(self._threads)):
            thread = Thread(target=self._work, name="delivery", daemon=True)
            thread.start()
            self._threads.append(thread)

    def collect(self, *, within: float) -> list[Tried]:
        """What has been tried since the last call; waits up to `within` seconds, less if nothing is left."""
        if self.in_hand:
            self._news.wait(within)
        with self._lock:
            self._news.clear()
            tried, self._tried = self._tried, []
            self.in_hand -= len(tried)
        return tried

    def take_back(self) -> None:
        """Let no thread start on what is still waiting; it comes out of `collect` as not sent."""
        while True:
            try:
                row = self._waiting.get_nowait()
            except Empty:
                return
            if row is not None:
                self._done(Tried(row, None, clock.now()))

    def close(self) -> None:
        """Let the threads end; those in the middle of a call end with it."""
        for _ in self._threads:
            self._waiting.put(None)

    def _work(self) -> None:
        while (row := self._waiting.get()) is not None:
            at = clock.now()
            self._done(Tried(row, self._answer(row), at))

    def _done(self, tried: Tried) -> None:
        with self._lock:
            self._watch(tried.answer)
            self._tried.append(tried)
            if len(self._tried) == self.in_hand:
                self._news.set()

    def _watch(self, answer: Receipt | WeComError | None) -> None:
        if isinstance(answer, WeComError) and no_verdict(answer):
            self._without_verdict += 1
        elif answer is not None and not holds_the_queue(answer):
            self._without_verdict = 0
            self.got_through = True
        if isinstance(answer, WeComError) and self.held_by is None:
            down = self._without_verdict >= self._patience
            self.held_by = answer if down or holds_the_queue(answer) else None

    def _answer(self, row: Claimed) -> Receipt | WeComError | None:
        if self.held_by is not None or self._stop.is_set() or monotonic() > row.send_before:
            return None
        try:
            return self._gateway.send(row.body)
        except WeComError as error:
            return error
        except Exception as error:
            # A fault of ours must not stop the others' messages; it may have happened after the call.
            log.exception("delivery %s: the gateway failed", row.id)
            return OutcomeUnknown(None, f"发送时出错（{type(error).__name__}）")
