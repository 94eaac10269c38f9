"""What the files of texts say: acts, readers, placeholders, texts. Pure; no kind of work is known here.

A text's key is its act and its audience: `publish.copied_in`. Acts of other kinds than tasks carry their kind,
so that the key has three parts: `order.offer.candidate`.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Act:
    """`name` in the list of messages, `title` over the texts; `always` pushed, nobody can mute it.

    What `gathers` repeats what stands in messages of their own.
    """

    name: str
    title: str
    always: bool = False
    gathers: bool = False


@dataclass(frozen=True)
class Audience:
    """Who reads a text, as people call them; `part`: as what they read it."""

    name: str
    part: str


@dataclass(frozen=True)
class Placeholder:
    """What may stand in a text, as it is written; `key` of the value, and what that is for who writes a text."""

    written: str
    key: str
    means: str
    everywhere: bool = False  # every telling of the kind supplies it


@dataclass(frozen=True)
class Several:
    """The text in place of many of one, its title, and the list that it opens."""

    wording: str
    link: str
    title: str


@dataclass(frozen=True)
class Text:
    """One text as it is shipped. `choice` and `hint`: its reader may have it in the app only."""

    key: str
    text: str
    source: str = ""
    choice: str = ""
    hint: str = ""
    several: Several | None = None
    everywhere: tuple[str, ...] = ()  # placeholders that it may use besides its own


@dataclass(frozen=True)
class Files:
    """All files together."""

    acts: dict[str, Act]
    audiences: dict[str, Audience]
    placeholders: tuple[Placeholder, ...]  # the longest first: one may begin with another
    texts: dict[str, Text]
    said_once: tuple[str, ...]  # words that a value and the words behind it do not both say


FOLDERS = [Path(__file__).parent]


@cache
def read() -> Files:
    """What all files of the folders say."""
    found = (file for folder in FOLDERS for file in sorted(folder.glob("*.toml")))
    kinds = [tomllib.loads(file.read_text("utf-8")) for file in found]
    kinds.sort(key=lambda kind: "common" in kind)  # what is said across all kinds comes last
    placeholders = {one.written: one for kind in kinds for one in _placeholders(kind)}
    return Files(
        acts={key: _act(**act) for kind in kinds for key, act in _leaves(kind["acts"], "name")},
        audiences={
            key: Audience(one["name"], one.get("part", key))
            for kind in kinds
            for key, one in kind["audiences"].items()
        },
        placeholders=tuple(sorted(placeholders.values(), key=lambda one: -len(one.written))),
        texts={text.key: text for kind in kinds for text in _texts(kind)},
        said_once=tuple(word for kind in kinds for word in kind.get("said_once", ())),
    )


def act_of(key: str) -> str:
    """send_back.implementer → send_back; order.offer.candidate → order.offer."""
    return key.rpartition(".")[0]


def audience_of(key: str) -> str:
    """The part in which a text is read: roll_back.upgraded → implementer."""
    name = key.rpartition(".")[2]
    known = read().audiences.get(name)
    return known.part if known else name


def _act(*, name: str, title: str = "", always: bool = False, gathers: bool = False) -> Act:
    return Act(name, title or name, always, gathers)


def _placeholders(kind: dict[str, Any]) -> list[Placeholder]:
    return [Placeholder(written, **one) for written, one in kind["placeholders"].items()]


def _texts(kind: dict[str, Any]) -> Iterator[Text]:
    everywhere = tuple(one.written for one in _placeholders(kind) if one.everywhere)
    for key, found in _leaves(kind["texts"], "text"):
        several = None
        if "several" in found:
            several = Several(found["several"], found["several_link"], found["several_title"])
        yield Text(
            key=key,
            text=found["text"],
            source=found.get("source", ""),
            choice=found.get("choice", ""),
            hint=found.get("hint", ""),
            several=several,
            everywhere=() if found.get("alone") else everywhere,
        )


def _leaves(tables: dict[str, Any], mark: str, *above: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(dotted key, table) of the tables that hold `mark`; a key of several parts is a table in a table."""
    for name, table in tables.items():
        if mark in table:
            yield ".".join((*above, name)), table
        else:
            yield from _leaves(table, mark, *above, name)
