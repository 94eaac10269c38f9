"""What every application of a run would put together anew though it never differs: addresses, pages, files, statements.

A test makes an application of its own on a database of its own. Most of the time went into the same 120 addresses
(two functions each), the same templates, static files and SQL; each is put together once for each process.
"""

from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app.db import db

STATEMENTS: LRUCache[Any, Any] = LRUCache(3000)


def compile_once() -> None:
    """Let all applications of this process share compiled addresses, templates and statements."""
    Flask.jinja_options = {"bytecode_cache": Remembered()}
    _share_builders(Rule._compile_builder)
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        _tell_by_kind(dialect)


class Remembered(BytecodeCache):
    """Compiled templates, in memory."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled of this text before."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code


def share_files() -> None:
    """Let all web applications of this process share the static files, which none of them changes."""
    from h5.frame import assets  # tests of pure rules need not load the pages

    if isinstance(assets.Assets, type):
        assets.Assets = cache(assets.Assets)  # type: ignore[misc,assignment]


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
