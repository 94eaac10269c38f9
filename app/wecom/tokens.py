"""Tokens and tickets: kept in memory until they expire, with the database as the truth all processes share.

One refresher at a time: whoever moves `refreshing_until` by a conditional UPDATE fetches, outside
any transaction; everybody else polls the row. A fetch that failed leaves `value` empty and
`expires_at` at the moment the next fetch may be tried, because WeCom bars an address for an hour
after repeated wrong secrets (R-P11, X-B4).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import TypeGuard

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import clock
from app.db import changed_rows
from app.wecom import answers
from app.wecom.errors import StopTheQueue, TryLater, WeComError
from app.wecom.models import WeComToken

LEASE = timedelta(seconds=15)  # a fetch ends within its call limit of 11 s, or it failed
POLL_SECONDS = 0.05
HOLD = timedelta(seconds=3)
HOLD_AFTER_REFUSAL = timedelta(minutes=5)
EARLY = timedelta(minutes=2)  # a token is given up this long before it ends, so that none ends on the way


@dataclass(frozen=True, slots=True)
class Token:
    """A token or ticket, usable until `expires_at`."""

    value: str
    expires_at: datetime


Fetch = Callable[[], tuple[str, object]]  # value, and its expires_in as WeCom sent it


class TokenStore:
    """Hands out the current token of a name; thread-safe; needs no application context."""

    def __init__(self, engine: Engine) -> None:
        self._writer = engine.execution_options(writes=True)
        self._reader = engine
        self._known: dict[str, Token] = {}
        self._refused: dict[str, tuple[datetime, WeComError]] = {}
        self._locks: dict[str, threading.Lock] = {}

    def get(self, name: str, fetch: Fetch) -> Token:
        """The token of `name`; `fetch` is called if nobody has a good one."""
        known = self._known.get(name)
        if known is not None and _lasts(known.expires_at):
            return known
        return self._renew(name, known, fetch)

    def renew(self, name: str, used: Token, fetch: Fetch) -> Token:
        """A token other than `used`, which WeCom refused; fetched only if nobody did so meanwhile."""
        return self._renew(name, used, fetch)

    def _renew(self, name: str, used: Token | None, fetch: Fetch) -> Token:
        lock = self._locks.setdefault(name, threading.Lock())
        # Longer than another process's lease, so that waiting for its result is worth while.
        if not lock.acquire(timeout=LEASE.total_seconds() + 5):
            raise TryLater(None, "等待企业微信凭证超时")
        try:
            known = self._known.get(name)
            if known is not None and known is not used and _lasts(known.expires_at):
                return known
            self._refuse_too_early(name)
            token = self._shared(name, used, fetch)
            self._known[name] = token
            return token
        except SQLAlchemyError as error:
            raise TryLater(None, f"企业微信凭证表暂时无法读写（{type(error).__name__}）") from None
        finally:
            lock.release()

    def _refuse_too_early(self, name: str) -> None:
        until, error = self._refused.get(name, (None, None))
        if error is not None:
            if clock.awaits(until, longest=HOLD_AFTER_REFUSAL):
                raise error
            del self._refused[name]

    def _shared(self, name: str, used: Token | None, fetch: Fetch) -> Token:
        """The row's token if it is good, else a fetched one; waits while another process fetches."""
        gives_up_at = monotonic() + LEASE.total_seconds()
        waited = False
        while monotonic() < gives_up_at:
            row = self._row(name)
            if row is None:
                self._insert(name)
                continue
            if not clock.awaits(row.refreshing_until, longest=LEASE):
                if row.value is None and clock.awaits(row.expires_at, longest=HOLD_AFTER_REFUSAL):
                    raise _held(row.expires_at)
                # After waiting even an equal value is news: WeCom may hand out the same token twice.
                news = waited or used is None or row.value != used.value
                if row.value is not None and news and _lasts(row.expires_at):
                    return Token(row.value, row.expires_at)
                if self._claim(name, row.refreshing_until, row.value):
                    return self._fetch(name, fetch)
            waited = True
            sleep(POLL_SECONDS)
        raise TryLater(None, "等待企业微信凭证超时")

    def _fetch(self, name: str, fetch: Fetch) -> Token:
        started = clock.now()
        try:
            value, expires_in = fetch()
        except WeComError as error:
            until = clock.now() + (HOLD_AFTER_REFUSAL if isinstance(error, StopTheQueue) else HOLD)
            self._refused[name] = (until, error)
            self._settle(name, None, until)
            raise
        except BaseException:  # a fault of ours would fail again at once
            self._settle(name, None, clock.now() + HOLD)
            raise
        lifetime = answers.lifetime(expires_in)
        token = Token(value, started + lifetime - min(EARLY, lifetime / 10))
        self._settle(name, value, token.expires_at)
        return token

    def _row(self, name: str) -> sa.Row[str | None, datetime | None, datetime | None] | None:
        query = sa.select(WeComToken.value, WeComToken.expires_at, WeComToken.refreshing_until)
        with self._reader.connect() as connection:
            return connection.execute(query.where(WeComToken.name == name)).one_or_none()

    def _insert(self, name: str) -> None:
        try:
            with self._writer.begin() as connection:
                connection.execute(sa.insert(WeComToken).values(name=name))
        except IntegrityError:  # another process was first
            return

    def _claim(self, name: str, seen: datetime | None, value: str | None) -> bool:
        """Take the right to fetch; False if the row changed since it was read."""
        with self._writer.begin() as connection:
            return self._update(
                connection,
                sa.and_(
                    WeComToken.name == name,
                    WeComToken.refreshing_until.is_not_distinct_from(seen),
                    WeComToken.value.is_not_distinct_from(value),
                ),
                refreshing_until=clock.now() + LEASE,
            )

    def _settle(self, name: str, value: str | None, until: datetime) -> None:
        with self._writer.begin() as connection:
            self._update(
                connection, WeComToken.name == name, value=value, expires_at=until, refreshing_until=None
            )

    @staticmethod
    def _update(
        connection: Connection, where: sa.ColumnElement[bool], **values: str | datetime | None
    ) -> bool:
        return changed_rows(connection.execute(sa.update(WeComToken).where(where).values(**values))) == 1


def _lasts(expires_at: datetime | None) -> TypeGuard[datetime]:
    return clock.awaits(expires_at, longest=answers.USUAL_LIFETIME)


def _held(until: datetime) -> TryLater:
    seconds = (until - clock.now()).total_seconds()
    text = f"上次获取企业微信凭证失败，{clock.shown(until)} 之后会再试"
    return TryLater(None, text, pause_seconds=seconds)
