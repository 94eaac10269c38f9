"""Which errors say that the database is away or too busy: nothing was kept, and the same again helps."""

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

SECONDS = 5
"""After how long trying again is worth it."""
NO_ROOM = "存储空间不足，请联系管理员。"
# SQLite's file is locked, cannot be reached or read, or is not ours any more. A missing table is none of these.
SQLITE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CORRUPT,
}
ONLY_A_REPLICA = "25006"  # PostgreSQL takes no writes: it stands by, or is being moved
CUT_IN_THE_MIDDLE = "8s2b"  # SQLAlchemy's: the connection of this transaction is gone


def is_outage(error: BaseException) -> bool:
    """True where the database did not answer, or not in time; False for every mistake of ours."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return isinstance(error, SQLAlchemyError) and error.code == CUT_IN_THE_MIDDLE
    if isinstance(error.orig, sqlite3.Error):
        # The upper bits of the code only say where.
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in SQLITE_CODES
    if getattr(error.orig, "sqlstate", None) == ONLY_A_REPLICA:
        return True
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def reason_of(error: BaseException) -> str:
    """What the driver says, in one line and without the parameters, which are people's words."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def is_full(error: BaseException) -> bool:
    """True where there is no room left on the disk; waiting alone does not help."""
    orig = getattr(error, "orig", None)
    if isinstance(orig, sqlite3.Error):
        return getattr(orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    return getattr(orig, "sqlstate", None) == "53100"
