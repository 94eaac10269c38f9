"""How lists name a place: 长安区, and what it lies in: 河北省 / 石家庄市."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from app.db import among, session
from app.lately import Lately
from app.places.models import Place


class PlaceName(NamedTuple):
    """A place's own name and those above it."""

    name: str
    parents: str


def _read(codes: Collection[str]) -> dict[str, PlaceName]:
    query = sa.select(Place.code, Place.name, Place.path).where(among(Place.code, codes))
    return {
        code: PlaceName(name, path.removesuffix(name).removesuffix(" / "))
        for code, name, path in session().execute(query)
    }


def told_apart(places: Iterable[tuple[str, str]]) -> list[str]:
    """How places, each (name, path), are named where they stand together: equal names say what they lie in.

    长安区（石家庄市）, 长安区（西安市）, 桥西区. Everything that lists places by name alone goes through here.
    """
    listed = list(places)
    paths: dict[str, set[str]] = defaultdict(set)
    for name, path in listed:
        paths[name].add(path)
    return [f"{name}（{lies_in(path)}）" if len(paths[name]) > 1 else name for name, path in listed]


def lies_in(path: str) -> str:
    """The name of what a place is part of: 石家庄市 of 河北省 / 石家庄市 / 长安区."""
    return " / ".join(path.split(" / ")[-2:-1])


PLACES: Lately[str, PlaceName] = Lately(_read)
