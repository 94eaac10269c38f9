"""What stands in an answer of WeCom, whatever its shape: nothing here raises, nothing outgrows its column. Pure."""

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

USUAL_LIFETIME = timedelta(hours=2)  # 7200, the documented expires_in
SHORTEST_LIFETIME = timedelta(minutes=1)
LARGEST = 2**31 - 1  # what an INTEGER column holds


def decoded(content: bytes) -> Mapping[str, Any]:
    """The answer as wechatpy reads it: broken UTF-8 and control characters are let pass; {} for no object."""
    try:
        answer = json.loads(content.decode("utf-8", "ignore"), strict=False)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def whole(value: object) -> int | None:
    """An errcode or an id, also one written as text; None for what is none."""
    number = _number(value)
    if number is None or number != int(number) or abs(number) > LARGEST:
        return None
    return int(number)


def text(value: object, *, longest: int) -> str:
    """A token, a msgid; empty for what is none, or would have to be cut."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    found = str(value).replace("\x00", "").strip()
    return found if len(found) <= longest else ""


def rows(value: object) -> list[Mapping[str, Any]]:
    """The objects in a list; what else stands in it is passed over."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def userids(value: object) -> frozenset[str]:
    """WeCom joins userids with a bar and lower-cases them; elsewhere it lists them."""
    parts = value if isinstance(value, list) else [value]
    names = [part for one in parts if isinstance(one, str) for part in one.lower().split("|")]
    return frozenset(name for name in names if name)


def lifetime(value: object) -> timedelta:
    """How long a token lasts, by its expires_in: a minute to two hours, the usual two where none can be read.

    One that ends sooner than believed is replaced when it is refused; one that
    seems to end at once would be asked for with every call.
    """
    seconds = _number(value)
    if seconds is None or seconds <= 0:
        return USUAL_LIFETIME
    return timedelta(
        seconds=min(max(seconds, SHORTEST_LIFETIME.total_seconds()), USUAL_LIFETIME.total_seconds())
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):  # no number, or one of hundreds of digits
        return None
    return number if math.isfinite(number) else None
