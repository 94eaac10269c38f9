"""筛选 and 排序 of 查看任务: in the address, in links, and in words (A-21)."""

import re
from urllib.parse import urlencode

import pytest

from app.tasks.field import implement
from tests.h5.conftest import Open, tight
from tests.told_time import ToldTime
from tests.world import World


def places(text: str) -> list[str]:
    return re.findall(r'class="row-place"[^>]*><b>([^<]+)</b>', tight(text))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"label": "已办结"}, ["桥西区"]),
        ({"type": "应急事件"}, ["黄浦区", "新华区", "桥西区", "长安区"]),
        ({"type": "数据调度"}, []),
        ({"place": "310000"}, ["黄浦区"]),
        ({"place": "石家庄市"}, ["新华区", "桥西区", "长安区"]),
        ({"place": "河北省 / 石家庄市 / 新华区"}, ["新华区"]),
        ({"person": "李静"}, ["新华区"]),
        ({"person": "李静 (lijing)"}, ["新华区"]),
        ({"person": "WANGQIANG", "label": "正常"}, ["长安区"]),
        ({"since": "2026-11-23", "until": "2026-11-23"}, ["黄浦区", "新华区", "桥西区", "长安区"]),
        ({"since": "2026-11-24"}, []),
        ({"until": "2026-11-22"}, []),
        ({"label": "", "place": " "}, ["黄浦区", "新华区", "桥西区", "长安区"]),
    ],
)
def test_the_address_narrows_the_rows(
    browser_of: Open, world: World, told_time: ToldTime, asked: dict[str, str], found: list[str]
) -> None:
    told_time.at("2026-11-23 09:00")
    _close(world, world.published("130102", "130104", "130105", "310101"), "130104")
    assert places(browser_of("周总").get(f"/tasks?all=1&{urlencode(asked)}").text) == found


def test_the_region_is_chosen_by_its_id(browser_of: Open, world: World) -> None:
    world.published("130102", "310101")
    browser = browser_of("周总")
    option = re.search(r'<option value="(\d+)">华东大区', browser.get("/tasks").text)
    assert option is not None
    assert places(browser.get(f"/tasks?all=1&region={option[1]}").text) == ["黄浦区"]


def test_each_chip_leads_to_the_list_without_it_and_keeps_the_rest(browser_of: Open, world: World) -> None:
    task = world.published("130102", "310101")
    text = browser_of("周总").get(f"/tasks/{task}?all=1&label=正常&place=310000&sort=due").text
    chips = dict(re.findall(r'href="([^"]+)" data-testid="chip-(\w+)"', text))
    by_name = {name: href.replace("&amp;", "&") for href, name in chips.items()}
    assert by_name["label"] == f"/tasks/{task}?all=1&place=310000&sort=due"
    assert places(browser_of("周总").get(by_name["place"]).text) == ["长安区", "黄浦区"]


def test_the_live_list_and_what_follows_keep_the_filter(browser_of: Open, world: World) -> None:
    task = world.published("130102", "130105", "310101")
    browser = browser_of("周总")
    text = browser.get(f"/tasks/{task}?all=1&place=石家庄市&person=王强").text
    live = re.search(r'data-live="(/tasks/rows[^"]+)"', text)
    assert live is not None
    assert places(browser.get(live[1].replace("&amp;", "&")).text) == ["长安区"]


def test_an_empty_list_says_what_was_filtered_for(browser_of: Open, world: World) -> None:
    world.published("130102")
    text = browser_of("周总").get("/tasks?all=1&label=打回&place=上海市").text
    assert "没有符合筛选的点位任务" in text
    assert "状态 打回，区划 上海市" in text


@pytest.mark.parametrize("asked", ["place=亚特兰蒂斯", "person=无此人"])
def test_what_names_nothing_is_said_and_finds_nothing(browser_of: Open, world: World, asked: str) -> None:
    world.published("130102")
    text = browser_of("周总").get(f"/tasks?all=1&{asked}").text
    assert places(text) == []
    assert "没有找到" in text


@pytest.mark.parametrize("asked", ["label=快了", "type=游戏", "region=x", "since=昨天", "until=2026-13-01"])
def test_nonsense_in_the_address_is_refused_in_words(browser_of: Open, asked: str) -> None:
    assert browser_of("周总").get(f"/tasks?all=1&{asked}").status_code == 422


def test_the_rows_of_a_task_are_sorted_as_asked(browser_of: Open, world: World) -> None:
    task = world.published("130102", "130104", "130105")
    _close(world, task, "130104")
    text = browser_of("周总").get(f"/tasks/{task}?all=1&sort=state").text
    assert set(places(text)[:1] + places(text)[-1:]) & {"桥西区"}
    assert places(browser_of("周总").get(f"/tasks/{task}?all=1&sort=place").text)[1] == "桥西区"


def test_the_search_fields_offer_places_and_people(browser_of: Open) -> None:
    browser = browser_of("王强")
    assert "河北省 / 石家庄市 / 长安区" in browser.get("/tasks/found?place=caq").text
    assert "河北省" in browser.get("/tasks/found?place=").text
    assert 'value="李静 (lijing)"' in browser.get("/tasks/found?person=li").text
    assert "option" not in browser.get("/tasks/found?person=").text


def _close(world: World, task_id: int, code: str) -> None:
    row = world.row(task_id, code)
    world.feed_back(row)
    implement.close(row.id, by=world.person("王强"), seen_version=None, form_key=world.key())
