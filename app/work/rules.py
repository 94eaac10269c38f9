"""One act of a kind of work as a rule: its button, who may press it, what stands in the way, who is told. Pure.

A kind of work keeps its own table of rules over its own facts; what follows from a table is the same for all.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.errors import Conflict, NotAllowed

F = TypeVar("F")
A = TypeVar("A", bound=str)


def _never(_facts: Any) -> str:
    return ""


def _always(_facts: Any) -> bool:
    return True


@dataclass(frozen=True)
class Rule(Generic[F]):
    """One act over facts of the type F.

    `obstacle` says in a sentence why it cannot be done now, None where it can; `briefly` says so where there
    is little room, "" where it has only one form. `tells` are the sources of the texts that people get of it.
    No button where it is not `offered`.
    """

    name: str
    who: frozenset[str]
    obstacle: Callable[[F], str | None]
    tells: tuple[str, ...] = ()
    briefly: Callable[[F], str] = _never
    offered: Callable[[F], bool] = _always


def why_not(rule: Rule[F], facts: F, parts: frozenset[str], *, order: Iterable[str]) -> str | None:
    """The sentence a disabled button shows, or None where the act is allowed; `order` of the parts it names."""
    if not parts & rule.who:
        return f"只有{'、'.join(part for part in order if part in rule.who)}可以{rule.name}。"
    return rule.obstacle(facts)


def require(rule: Rule[F], facts: F, parts: frozenset[str], *, order: Iterable[str]) -> None:
    """Refuse the wrong person (NotAllowed) or the wrong state (Conflict), in the button's own words."""
    sentence = why_not(rule, facts, parts, order=order)
    if sentence is None:
        return
    if not parts & rule.who:
        raise NotAllowed(sentence)
    raise Conflict(sentence, short=rule.briefly(facts))


def buttons(rules: Mapping[A, Rule[F]], facts: F, parts: frozenset[str]) -> list[tuple[A, str, str | None]]:
    """What this person sees: (act, name, why it is disabled)."""
    return [
        (act, rule.name, rule.obstacle(facts))
        for act, rule in rules.items()
        if parts & rule.who and rule.offered(facts)
    ]
