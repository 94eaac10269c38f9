"""Values that kinds of work show to the pages of all: ways to their own pages, and how their labels read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flask import Blueprint

from app.people.models import Who
from h5.frame.tones import Tones


class Link(NamedTuple):
    """A line of a list of pages; `explained` is the small text below it."""

    path: str
    name: str
    explained: str
    testid: str = ""


class Tab(NamedTuple):
    """An entry of the main navigation; `picture` is the name of an icon.

    It is marked on every page below `path` or below one of `sections`, unless another tab's is longer. Where a
    phone has no room for all, those that give way most are left to its page 我的.
    """

    name: str
    path: str
    label: str
    picture: str
    sections: tuple[str, ...] = ()
    shown: Callable[[Who], bool] = lambda _who: True
    gives_way: int = 0


@dataclass(frozen=True)
class Pages:
    """What a kind of work brings to the pages that know none."""

    blueprints: tuple[Blueprint, ...]
    tabs: tuple[Tab, ...] = ()
    """In the main navigation, behind 待办."""
    lists: str = ""
    """Where those who have lost their way find its work."""
    tones: Tones = field(default_factory=dict)
    """How its labels read."""
    links: Callable[[Who], Sequence[Link]] = lambda _who: ()
    """Lines of 我的 for those who may open what is behind them."""
