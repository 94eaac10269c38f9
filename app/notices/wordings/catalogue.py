"""The wordings: read from their files, overridden by administrators, and filled with values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from app.db import Session
from app.notices.models import WordingText
from app.notices.telling import Listed
from app.notices.wordings import files, kinds


@dataclass(frozen=True)
class Wording:
    """One text, cut at its placeholders: fixed, key, fixed, key, …, fixed."""

    key: str
    source: str
    text: str
    parts: tuple[str, ...]

    @property
    def act(self) -> str:
        """What happened, as people call it: 打回提醒."""
        return kinds.title_of(self.key)

    @property
    def audience(self) -> str:
        """Who reads it: 实施人."""
        audience = self.key.rpartition(".")[2]
        known = files.read().audiences.get(audience)
        return known.name if known else audience

    @property
    def needs(self) -> frozenset[str]:
        """The values this text asks for."""
        return frozenset(self.parts[1::2])

    def given(self, values: Mapping[str, str]) -> "Wording":
        """The text with these values put in; what else it asks for is still to be filled."""
        parts = [self.parts[0]]
        for key, fixed in zip(self.parts[1::2], self.parts[2::2], strict=True):
            if key in values:
                parts[-1] += _before(values[key], fixed) + fixed
            else:
                parts += [key, fixed]
        return replace(self, parts=tuple(parts))

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with every placeholder replaced; KeyError for a value not supplied.

        Values are put in as they are: nothing in them is a placeholder again.
        """
        if self._may_say_twice:
            return "".join(self.pieces(values))
        filled: str = self._format % self._asked(values)
        return filled

    def pieces(self, values: Mapping[str, str]) -> list[str]:
        """The same, its words and its values apart, so that what lists can be shortened."""
        found = [self.parts[0]]
        for key, fixed in zip(self.parts[1::2], self.parts[2::2], strict=True):
            found += [_before(values[key], fixed), fixed]
        return found

    @cached_property
    def _may_say_twice(self) -> bool:
        return any(fixed.startswith(files.read().said_once) for fixed in self.parts[2::2])

    @cached_property
    def _format(self) -> str:
        return "%s".join(fixed.replace("%", "%%") for fixed in self.parts[::2])

    @cached_property
    def _asked(self) -> Callable[[Mapping[str, str]], Any]:
        keys = self.parts[1::2]
        return itemgetter(*keys) if keys else lambda _values: ()


def _before(value: str, fixed: str) -> str:
    """A value as it stands before the words that follow: 升级任务 before 任务 would say 任务 twice (Q54)."""
    for word in files.read().said_once:
        if value.endswith(word) and fixed.startswith(word):
            return value.without_end(word) if isinstance(value, Listed) else value.removesuffix(word)
    return value


def placeholders() -> dict[str, str]:
    """What may stand in a text, and the key of the value that replaces it; longer ones first."""
    return {one.written: one.key for one in files.read().placeholders}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, placeholders())))


def placeholders_in(text: str) -> list[tuple[str, str]]:
    """(as it is written, what it stands for) of every placeholder, in the order of the text."""
    keys = placeholders()
    return [(match.group(), keys[match.group()]) for match in _pattern().finditer(text)]


def without_placeholders(text: str) -> str:
    """What is left when every placeholder is taken out."""
    return _pattern().sub("", text)


@lru_cache(maxsize=256)
def compiled(key: str, source: str, text: str) -> Wording:
    """`text` made ready for filling in."""
    keys = placeholders()
    parts: list[str] = []
    end = 0
    for match in _pattern().finditer(text):
        parts += [text[end : match.start()], keys[match.group()]]
        end = match.end()
    return Wording(key, source, text, (*parts, text[end:]))


@cache
def wordings() -> dict[str, Wording]:
    """Every wording as it is shipped, by its key, e.g. "publish.implementer"."""
    return {text.key: compiled(text.key, text.source, text.text) for text in files.read().texts.values()}


def present(session: Session) -> dict[str, Wording]:
    """Every wording as it stands now, an administrator's text before the shipped one.

    Read anew for every act, in its own transaction: what was saved a moment
    ago, by whichever process, is what people read.
    """
    overridden = sa.select(WordingText.key, WordingText.text).where(WordingText.text.is_not(None))
    shipped = wordings()
    return shipped | {
        key: compiled(key, shipped[key].source, text)
        for key, text in session.execute(overridden)
        if key in shipped
    }
