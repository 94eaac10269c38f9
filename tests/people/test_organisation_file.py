"""The demo organisation: staffed everywhere but where a gap is meant, the same in every run."""

import csv
import json
import runpy
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from app.people.models import AREA_ROLES, Role
from app.people.spelling import person_spelling

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "app" / "simulator" / "organisation.json"

WITHOUT_IMPLEMENTER = {"130624", "130627", "140932", "232701", "341023", "430822", "533324", "653131"}
WITH_TWO_IMPLEMENTERS = {"330106", "440305"}


@pytest.fixture(scope="module")
def company():
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def people(company):
    return {member["userid"]: member for member in company["members"]}


@pytest.fixture(scope="module")
def areas(company):
    return {area["place"]: area for area in company["support_areas"]}


@pytest.fixture(scope="module")
def places():
    with (ROOT / "app" / "places" / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(line for line in file if line[0] != "#")}


def places_of(areas, role):
    held = defaultdict(list)
    for code, area in areas.items():
        for userid in area[role]:
            held[userid].append(code)
    return held


def test_about_320_people_none_of_them_twice(company):
    userids = [member["userid"].lower() for member in company["members"]]
    names = [member["name"] for member in company["members"]]

    assert 300 <= len(userids) <= 340
    assert len(set(userids)) == len(userids)
    assert len(set(names)) == len(names)


def test_everybody_belongs_to_a_department_and_a_known_region(company):
    departments = {department["id"] for department in company["departments"]}
    regions = {region["name"] for region in company["regions"]}

    for member in company["members"]:
        assert set(member["department"]) <= departments
        assert member["region"] is None or member["region"] in regions
        assert set(member["roles"]) <= set(Role)
        assert member["position"]


def test_the_departments_form_one_tree_with_one_head_office(company):
    departments = {department["id"]: department for department in company["departments"]}

    assert [d["id"] for d in departments.values() if d["parentid"] == 0] == [1]
    assert all(d["parentid"] in departments for d in departments.values() if d["parentid"])
    assert [d["name"] for d in departments.values() if d.get("head_office")] == ["服务运营部"]
    assert len({d["name"] for d in departments.values()}) == len(departments)


def test_seven_regions_cover_every_province_once(company, places):
    covered = [province for region in company["regions"] for province in region["provinces"]]

    assert len(company["regions"]) == 7
    assert sorted(covered) == sorted(code for code, row in places.items() if row["level"] == "1")


def test_names_are_spelled_as_the_import_spells_them(company):
    for member in company["members"]:
        assert (member["pinyin"], member["initials"]) == person_spelling(member["name"])[:2]


@pytest.mark.parametrize(
    ("userid", "name", "region", "roles"),
    [
        ("linmin", "林敏", None, ["publisher"]),
        ("wangqiang", "王强", "华北大区", ["implementer"]),
        ("zhaolan", "赵岚", "华北大区", ["supervisor"]),
        ("sunli", "孙丽", "华北大区", ["service_manager"]),
        ("zhouzong", "周总", None, ["department_manager"]),
        ("moshengren", "陌生人", None, []),
    ],
)
def test_the_cast_is_there(people, userid, name, region, roles):
    member = people[userid]

    assert (member["name"], member["region"], member["roles"]) == (name, region, roles)


def test_two_members_fail_on_purpose_in_one_county_each_far_away(people, areas):
    failing = {member["userid"]: member["faults"] for member in people.values() if "faults" in member}
    held = places_of(areas, "implementer")

    assert failing == {"zhanghuishibai": "invalid", "libeixianliu": "dropped"}
    assert [held[userid] for userid in failing] == [["540423"], ["540630"]]


def test_every_region_and_the_head_office_has_its_manager(company, people):
    managers = Counter(m["region"] for m in people.values() if "region_manager" in m["roles"])
    departments = {m["department"][0] for m in people.values() if "department_manager" in m["roles"]}

    assert managers == {region["name"]: 1 for region in company["regions"]}
    assert departments == {2, 3}
    assert any("administrator" in member["roles"] for member in people.values())


def test_the_support_areas_are_the_leaves_of_the_tree(areas, company, places):
    parents = {row["parent"] for row in places.values()}

    assert len(company["support_areas"]) == 2854
    assert areas.keys() == places.keys() - parents


def test_every_leaf_has_its_three_roles_but_for_the_gaps_left_on_purpose(areas):
    assert {code for code, area in areas.items() if not area["implementer"]} == WITHOUT_IMPLEMENTER
    assert {code for code, area in areas.items() if len(area["implementer"]) > 1} == WITH_TWO_IMPLEMENTERS
    assert all(len(set(area["implementer"])) == len(area["implementer"]) for area in areas.values())
    for role in ("supervisor", "service_manager"):
        assert all(len(area[role]) == 1 for area in areas.values())


def test_two_gaps_are_in_baoding_and_none_in_shijiazhuang(areas):
    assert sum(code.startswith("1306") for code in WITHOUT_IMPLEMENTER) == 2
    assert not any(code.startswith("1301") for code in WITHOUT_IMPLEMENTER | WITH_TWO_IMPLEMENTERS)


@pytest.mark.parametrize("role", AREA_ROLES)
def test_whoever_supports_a_place_holds_the_role_and_works_in_its_region(role, areas, people, company):
    region_of = {province[:2]: r["name"] for r in company["regions"] for province in r["provinces"]}

    for userid, codes in places_of(areas, role).items():
        assert role in people[userid]["roles"]
        assert {region_of[code[:2]] for code in codes} == {people[userid]["region"]}


@pytest.mark.parametrize("role", AREA_ROLES)
def test_nobody_holds_an_area_role_without_a_place(role, areas, people):
    holders = {userid for userid, member in people.items() if role in member["roles"]}

    assert holders == set(places_of(areas, role))


def test_shijiazhuang_is_the_casts(areas):
    of_city = [area for code, area in areas.items() if code.startswith("1301")]

    assert Counter(area["implementer"][0] for area in of_city) == {"wangqiang": 14, "liuzhiyuan": 8}
    assert {(area["supervisor"][0], area["service_manager"][0]) for area in of_city} == {("zhaolan", "sunli")}
    assert areas["130102"]["implementer"] == ["wangqiang"]


def test_the_loads_are_realistic_and_one_implementer_has_forty_places(areas):
    loads = sorted(len(codes) for codes in places_of(areas, "implementer").values())

    assert loads[-1] == 40
    assert loads[-2] <= 20
    assert 10 <= loads[len(loads) // 2] <= 16
    assert len(places_of(areas, "implementer")["machunsheng"]) == 40


def test_some_people_are_implementer_and_copied_in_at_once(people):
    both = [m for m in people.values() if {"implementer", "service_manager"} <= set(m["roles"])]

    assert len(both) == 2


def test_long_names_are_among_them(people):
    names = {member["name"] for member in people.values() if member["region"] in ("西北大区", "西南大区")}

    assert "阿依古丽·买买提" in names
    assert sum(len(name) >= 4 for name in names) >= 12


def test_the_file_is_what_its_generator_writes_and_stays_small():
    generator = runpy.run_path(str(ROOT / "scripts" / "make_organisation.py"))

    written = FILE.read_text(encoding="utf-8")

    assert generator["as_text"](generator["organisation"]()) == written
    assert len(written.encode()) < 600_000
