"""补丁包 pages: the register, one package, the form."""

from tests.h5.conftest import Open
from tests.world import World

NEW = "/patches/new"
FILLED = {
    "name": "征管补丁",
    "version": "3.2.1",
    "test_state": "测试通过",
    "sent_by": "测试一部",
    "sent_at": "2026-11-20T09:30",
    "module": ["申报模块", "", "征收模块"],
    "module_note": ["修复重复申报。\r\n升级前请备份。", "", ""],
}


def test_a_package_is_registered_by_form_and_listed_with_who_sent_it(browser_of: Open) -> None:
    browser = browser_of("林敏")
    answer = browser.submit(NEW, NEW, **FILLED)

    page = browser.get(answer.headers["Location"]).text
    assert "申报模块" in page
    assert "修复重复申报。\n升级前请备份。" in page
    listed = browser.get("/patches").text
    assert "征管补丁 3.2.1" in listed
    assert "申报模块、征收模块" in listed
    assert "测试一部 送测 2026-11-20 09:30" in listed


def test_a_refused_form_keeps_what_was_typed_and_names_the_field(browser_of: Open) -> None:
    answer = browser_of("周总").submit(NEW, NEW, **FILLED | {"version": "", "module": ["甲", "", "甲"]})

    assert answer.status_code == 422
    assert "请填写版本。" in answer.text
    assert "模块“甲”写了 2 次" in answer.text
    assert 'value="征管补丁"' in answer.text
    assert "升级前请备份。</textarea>" in answer.text


def test_more_module_fields_come_without_scripts_too(browser_of: Open, world: World) -> None:
    answer = browser_of("林敏").submit(NEW, NEW, **FILLED | {"act": "more"})

    assert answer.status_code == 200
    assert answer.text.count('name="module"') == 6
    assert 'value="征收模块"' in answer.text


def test_a_new_version_starts_from_the_old_one(browser_of: Open, world: World) -> None:
    page = browser_of("林敏").get(f"{NEW}?from={world.patch('申报模块')}").text

    assert 'value="申报模块"' in page
    assert "修复申报模块的已知问题。</textarea>" in page


def test_the_register_is_searched_by_name_version_and_module(browser_of: Open, world: World) -> None:
    world.patch("申报模块", version="3.2.1")
    world.patch("征收模块", version="3.2.2")
    browser = browser_of("林敏")

    found = browser.get("/patches?q=征收").text
    assert "征管补丁 3.2.2" in found
    assert "征管补丁 3.2.1" not in found
    assert "没有找到“%”" in browser.get("/patches?q=%25").text


def test_the_way_to_the_register_is_shown_to_those_who_keep_it(browser_of: Open) -> None:
    assert "to-patches" in browser_of("林敏").get("/me").text
    assert "to-patches" not in browser_of("王强").get("/me").text
