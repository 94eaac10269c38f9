"""How lists name a place: 长安区, and what it lies in: 河北省 / 石家庄市."""

from collections.abc import Collection
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


PLACES: Lately[str, PlaceName] = Lately(_read)
