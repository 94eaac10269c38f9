"""Partials that a page shows fifty times: drawn by Jinja once per shape, then filled in for each.

A template takes thirty steps per row, one per piece of text; filling in takes
one. What is filled in is escaped, as Jinja would have.
"""

import re
import secrets
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from flask import current_app
from jinja2 import Environment
from markupsafe import Markup, escape

BETWEEN = "\x00"  # stands in no text: what people type is rid of it, and PostgreSQL refuses it


@dataclass(frozen=True, eq=False)
class Partial:
    """A template of one line: what it branches on (`shape`, hashable) and the texts in it (`fields`)."""

    template: str
    shape: tuple[str, ...]
    fields: tuple[str, ...]

    def drawn(self, lines: Sequence[tuple[tuple[Hashable, ...], Sequence[str]]]) -> Markup:
        """Every line, given the values of `shape` and the texts of `fields`."""
        together = escape(BETWEEN.join([BETWEEN.join(texts) for _, texts in lines]))
        texts = str.split(together, BETWEEN)
        env, wide = current_app.jinja_env, len(self.fields)
        pieces = []
        for number, (shape, _) in enumerate(lines):
            form, in_order = _form(env, self, shape)
            pieces.append(form % in_order(texts[number * wide : (number + 1) * wide]))
        return Markup("".join(pieces))  # noqa: S704 (the template's own text, and texts escaped above)


@lru_cache(maxsize=512)
def _form(env: Environment, partial: Partial, shape: tuple[Hashable, ...]) -> tuple[str, Any]:
    """The template drawn with marks in place of the texts, as a format string; and which text goes where."""
    marks = [f"mark{secrets.token_hex(8)}" for _ in partial.fields]
    named = zip(partial.shape + partial.fields, (*shape, *marks), strict=True)
    sample = env.get_template(partial.template).render(dict(named))
    anywhere = re.compile("|".join(marks))
    form = "%s".join(piece.replace("%", "%%") for piece in anywhere.split(sample))
    return form, itemgetter(*(marks.index(mark) for mark in anywhere.findall(sample)))
