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
    _share_rules(Rule.compile)
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


def _share_rules(compiled: Callable[[Rule], None]) -> None:
    known: dict[object, tuple[Rule, set[str]]] = {}

    def compile_(rule: Rule) -> None:
        # All that an address is taken apart by, and its two functions made of: they are handed the rule when called.
        address = rule.rule, rule.subdomain, rule.merge_slashes, repr(rule.defaults)
        made_of = address, rule.map.host_matching, tuple(rule.map.converters.items())
        if made_of not in known:
            compiled(rule)
            known[made_of] = rule, set(rule.arguments)
            return
        alike, arguments = known[made_of]
        rule._parts, rule._trace = list(alike._parts), list(alike._trace)
        rule._converters, rule.arguments = dict(alike._converters), set(arguments)
        rule._build = alike._build.__func__.__get__(rule)
        rule._build_unknown = alike._build_unknown.__func__.__get__(rule)

    Rule.compile = compile_  # type: ignore[method-assign]


def _tell_by_kind(dialect: type) -> None:
    # A compiled statement is kept under its dialect, and every engine has a dialect of its own.
    dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[assignment]
    dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[assignment]
