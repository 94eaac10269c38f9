"""The whole tree in one small answer."""

import gzip
import json
from itertools import accumulate

import pytest
import sqlalchemy as sa

from app.db import session
from app.places import editions, importing
from app.places.models import Place
from app.places.picker import picker


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_packed_tree_holds_every_place_and_weighs_little(core):
    """B-T2: at most 22 KB for the country; unpacked as h5/static/picker.js does it."""
    importing.import_edition(editions.read(importing.DEFAULT_FILE))
    body, _ = picker()
    tree = json.loads(body)

    initial = {one: letter for letter, characters in tree["letters"].items() for one in characters}
    names = tree["names"].split(" ")
    usual = ["".join(initial.get(one, "") for one in name) for name in names]
    read = [tree["read"].get(str(n), initials) for n, initials in enumerate(usual)]
    query = sa.select(Place.code, Place.name, Place.initials).where(Place.valid_to.is_(None))
    stored = [tuple(row) for row in session().execute(query.order_by(Place.code))]
    assert list(zip(map(str, accumulate(tree["codes"])), names, read, strict=True)) == stored
    assert len(gzip.compress(body, 9)) <= 22 * 1024


def test_the_mark_changes_with_the_content(world):
    before = picker()[1]
    assert picker()[1] == before
    session().execute(sa.update(Place).where(Place.code == "310101").values(valid_to=sa.func.current_date()))

    assert picker()[1] != before
