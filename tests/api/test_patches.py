"""POST /api/v1/patches: the same package may be sent again and again, another one under its version may not."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.db import session
from app.tasks.models import Patch
from tests.api.conftest import System

Make = Callable[..., System]
PACKAGE = {
    "name": "征管补丁",
    "version": "3.2.1",
    "modules": [{"name": "申报", "note": "修复税率"}, {"name": "征收", "note": ""}],
    "test_state": "已送测",
    "sent_by": "研发部 李工",
    "sent_at": "2026-11-20T10:00:00+08:00",
}


def test_a_package_is_registered_once_and_sent_again_without_harm(system: Make) -> None:
    sender = system()
    first, again = sender.post("/patches", PACKAGE), sender.post("/patches", PACKAGE)

    assert (first.status_code, first.json["created"]) == (201, True)
    assert (again.status_code, again.json["created"]) == (200, False)
    assert first.json["id"] == again.json["id"]
    patch = session().execute(sa.select(Patch)).scalar_one()
    assert [(module.name, module.note) for module in patch.modules] == [("申报", "修复税率"), ("征收", "")]
    assert (patch.sender, patch.sent_at.isoformat()) == ("接口 数据平台", "2026-11-20T02:00:00+00:00")


def test_other_modules_under_the_same_version_are_a_conflict(system: Make) -> None:
    sender = system()
    sender.post("/patches", PACKAGE)

    answer = sender.post("/patches", PACKAGE | {"modules": [{"name": "申报", "note": "另一个说明"}]})

    assert (answer.status_code, answer.json["error"]) == (409, "conflict")
    assert "请换一个版本号" in answer.json["message"]


def test_the_test_state_may_move_on(system: Make) -> None:
    sender = system()
    sender.post("/patches", PACKAGE)

    assert sender.post("/patches", PACKAGE | {"test_state": "测试通过"}).status_code == 200
    assert session().execute(sa.select(Patch.test_state)).scalar() == "测试通过"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"colour": "red"}, "colour", "没有这个字段，请去掉。"),
        ({"name": ""}, "name", "至少 1 个字。"),
        ({"name": "长" * 101}, "name", "最多 100 个字。"),
        ({"name": 7}, "name", "应为文字。"),
        ({"modules": []}, "modules", "至少 1 项。"),
        ({"modules": [{"note": "x"}]}, "modules.0.name", "缺少这个字段。"),
        ({"sent_at": "2026-11-20T10:00:00"}, "sent_at", "时间要带时区，例如 2026-11-25T18:00:00+08:00。"),
        ({"sent_at": "0001-01-01T00:00:00+14:00"}, "sent_at", "送测时间的年份应在 2000 到 2099 之间。"),
        ({"sent_at": "9999-12-31T23:59:59-12:00"}, "sent_at", "送测时间的年份应在 2000 到 2099 之间。"),
        ({"sent_at": -62135596800}, "sent_at", "写法有误，请对照接口说明。"),
        ({"name": "征管\0补丁"}, "name", "补丁包名称含有不可见字符，请重新输入。"),
        ({"sent_by": "\0"}, "sent_by", "送测人含有不可见字符，请重新输入。"),
        ({"test_state": "好"}, "test_state", "只能是 '已送测', '测试通过' or '测试未通过'。"),
        ({"name": "  "}, "name", "请填写补丁包名称。"),
    ],
)
def test_what_cannot_be_used_is_said_by_field(
    system: Make, change: dict[str, Any], field: str, sentence: str
) -> None:
    answer = system().post("/patches", PACKAGE | change)

    assert answer.status_code == 422
    assert answer.json["fields"] == {field: sentence}
