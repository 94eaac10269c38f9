"""What people typed: cleaned, limited, and kept when it has to be shown again."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from operator import attrgetter

from flask import g
from werkzeug.datastructures import MultiDict

from app import clock
from app.errors import BadInput

YEARS = range(2000, 2200)  # far from where a time zone leads out of the calendar
HIGHEST_ID = 2**31 - 1
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LOCAL_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::\d{2})?)?", re.ASCII)


class Input:
    """A submitted form; a method per kind of field, each refusing nonsense with BadInput."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        self._form = form

    def text(self, name: str, *, longest: int = 10_000) -> str:
        """Typed text without control characters, line ends as one character."""
        value = cleaned(self._form.get(name, ""))
        if len(value) > longest:
            raise BadInput(fields={name: f"最多 {longest} 个字，现在有 {len(value)} 个，请删减。"})
        return value

    def whole_number(self, name: str) -> int:
        """A non-negative number that fits a column."""
        value = self._form.get(name, "")
        if not (value.isascii() and value.isdigit() and len(value) <= 10 and int(value) <= HIGHEST_ID):
            raise BadInput("页面已过期，请刷新后重新提交。您填写的内容已保留。")
        return int(value)

    def number_or_none(self, name: str) -> int | None:
        """As `whole_number`, None where the field is empty."""
        return self.whole_number(name) if self._form.get(name) else None

    def chosen(self, name: str, sentence: str) -> int:
        """The one id that was picked; `sentence` where nothing was."""
        if not self._form.get(name):
            raise BadInput(fields={name: sentence})
        return self.whole_number(name)

    def ids(self, name: str) -> set[int]:
        """The ticked boxes called `name`."""
        wanted = self._form.getlist(name)
        return {Input(MultiDict({name: value})).whole_number(name) for value in wanted}

    def several(self, name: str) -> frozenset[str]:
        """The hidden fields called `name`, such as what was said yes to."""
        return frozenset(cleaned(value) for value in self._form.getlist(name))

    def codes(self, name: str, sentence: str) -> tuple[str, ...]:
        """Place codes: comma-separated, or one field each; doubles are dropped, order kept. `sentence` for others."""
        parts = ",".join(self._form.getlist(name)).split(",")
        codes = dict.fromkeys(part.strip() for part in parts if part.strip())
        if any(not (code.isascii() and code.isdigit() and len(code) <= 12) for code in codes):
            raise BadInput(fields={name: sentence})
        return tuple(codes)

    def moment(self, name: str) -> datetime | None:
        """A wall-clock time as UTC; a bare date means the end of that day (Q12)."""
        value = self._form.get(name, "").strip()
        if not value:
            return None
        found = LOCAL_TIME.fullmatch(value)
        try:
            if found is None:
                raise ValueError
            naive = datetime.fromisoformat(f"{found[1]}T{found[2] or '23:59:59'}")
            if naive.year not in YEARS:
                raise ValueError
            return clock.from_local(naive).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadInput(fields={name: "时间写法有误，请写成 2026-11-25 18:00 这样。"}) from None

    def day(self, name: str) -> datetime:
        """The first moment of a day, as UTC."""
        try:
            day = date.fromisoformat(self._form.get(name, "").strip())
            if day.year not in YEARS:
                raise ValueError
            return clock.from_local(datetime.combine(day, time()))
        except (ValueError, OverflowError):
            raise BadInput(fields={name: "日期写法有误，请写成 2026-11-25 这样。"}) from None


def cleaned(text: str) -> str:
    """Text without control characters, line ends as one character."""
    return NOT_TEXT.sub("", text.replace("\r\n", "\n")).strip()


def typed(name: str, default: str = "") -> str:
    """For templates: what was just typed into a refused form, else the value of the page."""
    form = g.get("typed")
    return default if form is None else form.get(name, "")


def was_typed(name: str, value: object, *, default: bool = False, beside: str = "form_key") -> bool:
    """For templates: was this box or choice ticked in the refused form?

    An unticked box sends nothing; the field `beside` it tells whether the
    refused form had the box at all.
    """
    form = g.get("typed")
    return default if form is None or beside not in form else str(value) in form.getlist(name)


def mistake(name: str) -> str:
    """For templates: the sentence below a field."""
    fields: dict[str, str] = g.get("mistakes") or {}
    return fields.get(name, "")


def pairs(rows: Iterable[object], value: str = "", text: str = "") -> list[tuple[object, object]]:
    """For templates: what a field of choices takes, from two attributes of rows or from plain words."""
    if not value:
        return [(word, word) for word in rows]
    both = attrgetter(value, text)
    return [both(row) for row in rows]
