"""Names that every list shows: of people, by their id, and of the 大区."""

from collections.abc import Collection

import sqlalchemy as sa

from app.db import among, session
from app.lately import Lately
from app.people.models import Person
from app.people.queries import RegionName, regions


def _read_people(ids: Collection[int]) -> dict[int, str]:
    query = sa.select(Person.id, Person.name).where(among(Person.id, ids))
    return {person.id: person.name for person in session().execute(query)}


def _read_regions(_all: Collection[None]) -> dict[None, tuple[RegionName, ...]]:
    return {None: tuple(regions())}


PEOPLE: Lately[int, str] = Lately(_read_people)
REGIONS: Lately[None, tuple[RegionName, ...]] = Lately(_read_regions)
ALL = {None}


def all_regions() -> tuple[RegionName, ...]:
    """As `queries.regions`, at most a minute old."""
    return REGIONS.of(ALL)[None]
