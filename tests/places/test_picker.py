"""The whole tree in one small answer."""

import gzip
import json
from itertools import accumulate

import pytest
import sqlalchemy as sa

from app import lately
from app.db import session
from app.places import editions, importing
from app.places.models import Place
from app.places.names import PLACES
from app.places.picker import picker


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.proves("B-T2")
def test_the_packed_tree_holds_every_place_and_weighs_little(core):
    """B-T2: at most 22 KB for the country; unpacked as h5/static/places/picker.js does it."""
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


@pytest.mark.parametrize(
    "change", [{"valid_to": sa.func.current_date()}, {"name": "黄埔区"}, {"initials": "hhq"}]
)
def test_whatever_became_of_a_place_is_seen_by_every_process_within_a_minute(world, monkeypatch, change):
    before = picker()[1]
    session().execute(sa.update(Place).where(Place.code == "310101").values(change))
    assert picker()[1] == before

    monkeypatch.setattr(lately, "A_MINUTE", -1.0)
    assert picker()[1] != before


def test_an_import_is_seen_at_once_by_the_process_that_did_it(world, tmp_path):
    before = picker()[1]
    file = tmp_path / "divisions.csv"
    file.write_text("code,name,level,parent\n130000,冀省,1,\n", encoding="utf-8")
    importing.import_edition(editions.read(file), allow_many_ended=True)

    assert picker()[1] != before
    assert PLACES.of({"130102"})["130102"].parents == "河北省 / 石家庄市"
    assert "冀省" in picker()[0].decode()
