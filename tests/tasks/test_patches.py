"""The register of 补丁包: kept once, replaced while unused, fixed once a task relies on it."""

from dataclasses import replace

import pytest

from app import clock
from app.db import session
from app.errors import BadInput, NotAllowed
from app.tasks.labels import TrialState
from app.tasks.models import Patch
from app.tasks.patches import registering
from app.tasks.patches.registering import PatchPackage
from app.work import history

MODULES = (("申报模块", "修复重复申报。"), ("征收模块", "调整税率取数。"), ("对账模块", ""))
PACKAGE = PatchPackage(name="征管补丁", version="3.2.1", modules=MODULES, sent_by="测试一部")


def register(world, package=PACKAGE, *, by="林敏", sender="登记页"):
    return registering.register(package, by=world.person(by) if by else None, sender=sender)


def patch(patch_id):
    session().rollback()
    session().expire_all()
    return session().get_one(Patch, patch_id)


def test_a_package_is_kept_with_its_modules_notes_and_who_sent_it_Q46(world):
    patch_id, is_new = register(world, replace(PACKAGE, sent_at=clock.now()))

    kept = patch(patch_id)
    assert is_new
    assert (kept.title, kept.test_state, kept.sent_by) == ("征管补丁 3.2.1", "已送测", "测试一部")
    assert [(module.name, module.note) for module in kept.modules] == list(MODULES)
    assert (kept.sender, kept.registered_by.name, kept.sent_at) == ("登记页", "林敏", clock.now())


def test_the_same_package_again_is_the_same_record(world):
    first, _ = register(world)

    assert register(world, by=None, sender="发布平台") == (first, False)
    assert len(history.of(session(), "patch", first)) == 1


def test_another_version_is_another_record(world):
    first, _ = register(world)
    second, is_new = register(world, replace(PACKAGE, version="3.2.2"))

    assert is_new
    assert second != first


def test_other_modules_replace_those_of_a_version_that_no_task_uses(world):
    first, _ = register(world)

    again = replace(PACKAGE, modules=(("征收模块", "重新取数。"), ("申报模块", "")))
    assert register(world, again) == (first, False)
    assert [(module.name, module.note) for module in patch(first).modules] == list(again.modules)


def test_the_result_of_the_tests_may_arrive_later(world):
    first, _ = register(world)
    register(world, replace(PACKAGE, test_state=TrialState.PASSED), by=None, sender="发布平台")

    assert (patch(first).test_state, patch(first).sender) == ("测试通过", "发布平台")


@pytest.mark.parametrize("name", ["王强", "赵岚", "孙丽", "郑大区"])
def test_people_of_the_field_register_nothing(world, name):
    with pytest.raises(NotAllowed, match="只有发布人、部门经理和管理员"):
        register(world, by=name)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": " "}, "name", "请填写补丁包名称。"),
        ({"version": "3" * 51}, "version", "版本最多 50 个字，现在有 51 个。"),
        ({"sent_by": "测\x00试"}, "sent_by", "不可见字符"),
        ({"test_state": "大概可以"}, "test_state", "送测状态只能是已送测、测试通过、测试未通过。"),
        ({"modules": ()}, "modules", "至少一个"),
        ({"modules": (("", "说明"),)}, "modules", "没有写明是哪个模块"),
        ({"modules": (("甲", ""), ("甲", ""))}, "modules", "模块“甲”写了 2 次"),
        ({"modules": (("甲", "长" * 20_001),)}, "modules", "最多 20000 个字，现在有 20001 个"),
        ({"modules": tuple((str(n), "") for n in range(201))}, "modules", "最多 200 个模块，现在有 201 个"),
    ],
)
def test_what_cannot_be_kept_is_named_at_its_field(changes, field, sentence):
    with pytest.raises(BadInput) as refused:
        registering.checked(replace(PACKAGE, **changes))

    assert list(refused.value.fields) == [field]
    assert sentence in refused.value.fields[field]
