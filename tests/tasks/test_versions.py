"""Which version each county runs: the last that was upgraded to and not restored."""

import pytest

from app import clock
from app.tasks.field import implement
from app.tasks.filters import Filter
from app.tasks.reading.versions import running
from app.tasks.rollback import rolling_back


def upgraded(world, *codes, version, modules=("模块A", "模块B")):
    """An 升级任务 of which every module is done everywhere."""
    patch_id = world.patch(*modules, version=version)
    task_id = world.published(*codes, type="升级任务", patch_id=patch_id)
    for code in codes:
        row = world.row(task_id, code)
        world.feed_back(row, by=row.implementer.name)
    return task_id


def seen(world, name="林敏", **narrowed):
    lines = running(world.person(name), **narrowed)
    return [(line.place, line.module, line.version) for line in lines]


@pytest.fixture
def two_versions(world, told_time):
    upgraded(world, "130102", "310101", version="1.0")
    told_time.at("2026-11-24 10:00")
    return upgraded(world, "130102", version="2.0", modules=("模块A",))


def test_each_module_has_the_version_that_was_upgraded_to_last(world, two_versions):
    assert seen(world) == [
        ("长安区", "模块A", "2.0"),
        ("长安区", "模块B", "1.0"),
        ("黄浦区", "模块A", "1.0"),
        ("黄浦区", "模块B", "1.0"),
    ]
    assert running(world.person("林敏"))[0].since == clock.now()


def test_what_was_restored_runs_the_version_before(world, two_versions):
    row = world.row(two_versions)
    ids = {module.id for module in row.task.patch.modules}
    values = {"reason": "有误", "seen_version": None, "form_key": world.key()}
    rolling_back.roll_back(two_versions, by=world.person("林敏"), module_ids=ids, **values)
    first = running(world.person("林敏"))[0]
    assert (first.version, first.to_restore) == ("2.0", True)

    item = world.row(two_versions).items[0]
    values = {"done_item_ids": {item.id}, "note": "", "seen_version": None, "form_key": world.key()}
    implement.feed_back(row.id, by=world.person("王强"), **values)
    assert seen(world)[0] == ("长安区", "模块A", "1.0")


def test_narrowed_by_region_place_and_package(world, two_versions):
    patch_id = world.row(two_versions).task.patch_id

    assert seen(world, patch_id=patch_id) == [("长安区", "模块A", "2.0")]
    assert {place for place, *_ in seen(world, narrowed=Filter(place_code="310000"))} == {"黄浦区"}
    region_id = world.row(two_versions).region_id
    assert {place for place, *_ in seen(world, narrowed=Filter(region_id=region_id))} == {"长安区"}
    assert len(running(world.person("林敏"), limit=3)) == 3
    assert len(running(world.person("林敏"), limit=None, skip=3)) == 1


@pytest.mark.parametrize(
    ("name", "places"),
    [("周总", {"长安区", "黄浦区"}), ("赵岚", {"长安区"}), ("沈海", {"黄浦区"}), ("李静", set())],
)
def test_everyone_sees_the_places_of_the_rows_they_may_see(world, two_versions, name, places):
    assert {place for place, *_ in seen(world, name)} == places
