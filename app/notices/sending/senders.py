"""Threads that carry claimed messages to the gateway, and what came of each."""

import logging
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic

from app import clock
from app.notices.sending.verdicts import Claimed, Gateway, Receipt, Tried, no_verdict, stops_the_queue
from app.wecom.errors import OutcomeUnknown, WeComError

log = logging.getLogger(__name__)

MOST_AHEAD = 8  # for each thread but one: a thread alone has nothing to wait for


class Silence:
    """The messages, one after the other, to which WeCom itself said nothing.

    Kept over the runs of one sender: where little is sent, it takes several
    until the line shows that it is down.
    """

    def __init__(self) -> None:
        self.met_by: set[int] = set()

    def broken(self) -> None:
        """WeCom said something."""
        self.met_by.clear()


class Senders:
    """A pool of senders. Rows go in by `put`, results come out by `collect`, in batches.

    Daemon threads: a call that hangs must not keep the process from ending;
    its row is repeated once the lease is over.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        threads: int,
        patience: int,
        stop: Event,
        silence: Silence | None = None,
    ) -> None:
        """Sends nothing more once `patience` messages in a row got no verdict, or WeCom says to wait."""
        self.stopped_by: WeComError | None = None
        self.got_through = False
        self._silence = silence or Silence()
        self._patience = patience
        self._gateway = gateway
        self._most = threads
        self._stop = stop
        self._threads: list[Thread] = []
        self._waiting: SimpleQueue[tuple[Claimed, float] | None] = SimpleQueue()
        self._lock = Lock()
        self._tried: list[Tried] = []
        self._news = Event()
        self._ahead = 0
        self.in_hand = 0

    @property
    def room(self) -> int:
        """How many more may be handed over: whatever is in hand when all ends is in doubt.

        One for each thread, and besides as many as have got their answer between
        two looks at what came of them, so that no thread waits for the database.
        """
        return max(0, self._most + self._ahead - self.in_hand)

    def put(self, rows: Sequence[Claimed], *, send_before: float) -> None:
        """Send these, as soon as a thread is free, unless `monotonic()` is past `send_before` then."""
        with self._lock:
            self.in_hand += len(rows)
        for row in rows:
            self._waiting.put((row, send_before))
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
        self._ahead = max(self._ahead, min(len(tried), MOST_AHEAD * (self._most - 1)))
        return tried

    def take_back(self) -> None:
        """Let no thread start on what is still waiting; it comes out of `collect` as not sent."""
        while True:
            try:
                waiting = self._waiting.get_nowait()
            except Empty:
                return
            if waiting is not None:
                self._done(Tried(waiting[0], None, clock.now()))

    def close(self) -> None:
        """Let the threads end; those in the middle of a call end with it."""
        for _ in self._threads:
            self._waiting.put(None)

    def _work(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            row, send_before = waiting
            at = clock.now()
            self._done(Tried(row, self._answer(row, send_before), at))

    def _done(self, tried: Tried) -> None:
        with self._lock:
            self._watch(tried)
            self._tried.append(tried)
            if 2 * len(self._tried) >= self.in_hand:  # the other half keeps the threads busy meanwhile
                self._news.set()

    def _watch(self, tried: Tried) -> None:
        answer = tried.answer
        if isinstance(answer, WeComError) and no_verdict(answer):
            self._silence.met_by.add(tried.row.id)
        elif answer is not None and not stops_the_queue(answer):
            self._silence.broken()
            self.got_through = True
        if isinstance(answer, WeComError) and self.stopped_by is None:
            down = len(self._silence.met_by) >= self._patience
            self.stopped_by = answer if down or stops_the_queue(answer) else None

    def _answer(self, row: Claimed, send_before: float) -> Receipt | WeComError | None:
        if self.stopped_by is not None or self._stop.is_set() or monotonic() > send_before:
            return None
        try:
            return self._gateway.send(row.body)
        except WeComError as error:
            return error
        except Exception as error:
            # A fault of ours must not stop the others' messages; it may have happened after the call.
            log.exception("delivery %s: the gateway failed", row.id)
            return OutcomeUnknown(None, f"发送时出错（{type(error).__name__}）")
