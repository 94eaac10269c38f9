"""What every application of a run would put together anew though it never differs: addresses, pages, statements.

A test makes an application of its own on a database of its own. Most of the time went into the same 120 addresses
(two functions each), the same templates and the same SQL; each is put together once for each process.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app.db import db

STATEMENTS: LRUCache[Any, Any] = LRUCache(3000)


def compile_once() -> None:
    """Let all applications of this process share compiled addresses, templates and statements."""
    folder = tempfile.mkdtemp(prefix="templates")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(folder)}
    _share_builders(Rule._compile_builder)
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        _tell_by_kind(dialect)


def share_statements() -> None:
    """Let the present application read SQL that another one has compiled."""
    for engine in db.engines.values():
        engine.update_execution_options(compiled_cache=STATEMENTS)


def _share_builders(compiled: Callable[..., Any]) -> None:
    known: dict[object, Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        # All that a builder is made of: it is handed the rule itself when an address is built.
        made_of = rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown
        if made_of not in known:
            known[made_of] = compiled(rule, append_unknown)
        return known[made_of]

    Rule._compile_builder = builder  # type: ignore[method-assign]


def _tell_by_kind(dialect: type) -> None:
    # A compiled statement is kept under its dialect, and every engine has a dialect of its own.
    dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[assignment]
    dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[assignment]
