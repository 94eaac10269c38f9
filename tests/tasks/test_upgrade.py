"""升级任务: items are the modules of the chosen 补丁包, with the notes that came with it."""

import json

import pytest
import sqlalchemy as sa

from app.db import db, session
from app.errors import BadInput, Conflict
from app.notices.models import Delivery
from app.tasks.field import implement
from app.tasks.models import TaskItem
from app.tasks.patches import registering
from app.tasks.patches.registering import PatchPackage
from app.tasks.publishing import drafts, edit
from app.tasks.reading import queries
from benchmarks.measure import watching


def change(world, task_id, *codes, **changes):
    form = world.form(*codes, **changes)
    edit.edit(task_id, form, by=world.person("林敏"), seen_version=None, form_key=world.key())


def names(row):
    return [item.name for item in row.items]


def tick(world, row, *modules, by="王强"):
    ids = {item.id for item in row.items if item.name in modules}
    implement.feed_back(
        row.id, by=world.person(by), done_item_ids=ids, note="", seen_version=None, form_key=world.key()
    )


def test_every_row_gets_an_item_per_module_in_the_packages_order_T27(world):
    task_id = world.upgrade("130102", "310101", modules=("征收模块", "申报模块", "对账模块"))

    for code in ("130102", "310101"):
        row = world.row(task_id, code)
        assert names(row) == ["征收模块", "申报模块", "对账模块"]
        assert (row.items_total, row.items_done, row.label) == (3, 0, "正常")


def test_the_note_of_a_module_is_the_one_that_came_with_the_package_T22(world):
    row = queries.point_task(world.person("王强"), world.row(world.upgrade("130102")).id)

    assert [item.module.note for item in row.items] == [f"修复模块{m}的已知问题。" for m in "ABC"]


def test_an_upgrade_needs_a_package_and_the_other_types_take_none_T25_T26(world):
    with pytest.raises(BadInput, match="升级任务须选择补丁包送测记录"):
        world.published("130102", type="升级任务")
    with pytest.raises(BadInput, match="所选的补丁包已不在登记中"):
        world.published("130102", type="升级任务", patch_id=999)

    row = world.row(world.published("130102", type="数据调度", patch_id=world.patch()))
    assert (names(row), row.task.patch) == (["数据调度"], None)


def test_closing_waits_for_every_module_and_names_those_open_T52(world):
    row = world.row(world.upgrade("130102"))
    tick(world, row, "模块A")

    with pytest.raises(Conflict, match="还差 2 项未完成：模块B、模块C"):
        implement.close(row.id, by=world.person("王强"), seen_version=None, form_key=world.key())
    assert world.row(row.task_id).items_done == 1


def test_a_package_in_use_keeps_its_modules_and_notes_T22(world):
    world.upgrade("130102")
    other = PatchPackage(name="征管补丁", version="3.2.1", modules=(("模块A", "别的说明"),))

    with pytest.raises(Conflict, match=r"征管补丁 3\.2\.1 已用于升级任务"):
        registering.register(other, by=None, sender="发布平台")


def test_a_draft_keeps_the_chosen_package_and_does_not_fix_it(world):
    form = world.form("130102", type="升级任务", patch_id=world.patch())
    draft_id = drafts.save_draft(form, by=world.person("林敏"), form_key=world.key())

    assert drafts.draft_of(world.person("林敏"), draft_id).patch_id == form.patch_id
    assert world.patch("模块X") == form.patch_id


def test_another_package_brings_other_items_while_nothing_is_done_Q40(world):
    task_id = world.upgrade("130102", "130104")
    other = world.patch("模块X", "模块Y", version="3.2.2")
    change(world, task_id, "130102", "130104", type="升级任务", patch_id=other)

    row = world.row(task_id, "130104")
    assert (names(row), row.items_total) == (["模块X", "模块Y"], 2)
    change(world, task_id, "130102", "130104", type="应急事件")
    assert (names(world.row(task_id)), world.row(task_id).items_total) == (["应急事件"], 1)


def test_package_and_type_stay_once_an_item_is_done_Q40(world):
    task_id = world.upgrade("130102")
    tick(world, world.row(task_id), "模块A")

    with pytest.raises(BadInput, match="补丁包不能再修改"):
        change(world, task_id, "130102", type="升级任务", patch_id=world.patch("模块X", version="3.2.2"))
    with pytest.raises(BadInput, match="任务类型不能再修改"):
        change(world, task_id, "130102", type="应急事件")


def test_an_added_point_gets_the_modules_too_Q40(world):
    task_id = world.upgrade("130102")
    patch_id = world.row(task_id).task.patch_id
    change(world, task_id, "130102", "310101", type="升级任务", patch_id=patch_id)

    assert names(world.row(task_id, "310101")) == ["模块A", "模块B", "模块C"]


def test_the_card_says_which_package_it_is_about(world):
    world.upgrade("130102")

    bodies = session().execute(sa.select(Delivery.body)).scalars()
    assert all("征管补丁 3.2.1" in json.dumps(json.loads(body), ensure_ascii=False) for body in bodies)


def test_publishing_modules_takes_no_more_statements_for_more_points(world):
    world.patch("模块A", "模块B", "模块C")
    counted = []
    for codes in (("130102",), ("130102", "130104", "130105", "310101")):
        with watching(db.engine) as seen:
            world.upgrade(*codes)
        counted.append(seen.count)

    assert counted[1] == counted[0]
    items = sa.select(sa.func.count()).select_from(TaskItem)
    assert session().execute(items).scalar_one() == 15
