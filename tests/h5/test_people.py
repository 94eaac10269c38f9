"""人员 and 区划: 支持区域 shown and kept from both sides (T-01, T-02, Q35)."""

import re
from datetime import date

import pytest

from app.db import transaction
from app.people import area_queries
from app.people.models import Person
from app.places.models import Place
from tests.h5.conftest import Browser, Open, tight
from tests.told_time import ToldTime
from tests.world import World


def person_page(world: World, name: str) -> str:
    return f"/people/{world.by_name[name]}"


def save_areas(browser: Browser, page: str, **fields: str) -> str:
    """Press 保存 on a person's page; the page that follows."""
    answer = browser.submit(page, f"{page}/areas", **fields)
    assert answer.status_code == 302, answer.text
    return browser.get(answer.headers["Location"]).text


def test_two_counties_added_to_a_person_are_there_when_reopened_T01(browser_of: Open, world: World) -> None:
    browser, page = browser_of("周总"), person_page(world, "李静")
    after = save_areas(browser, page, implementer="130105,130107,310101")

    assert "涉及 2 个点位" in after
    assert re.findall(r'places/\d+">([^<]+)', tight(browser.get(page).text)) == [
        "新华区",
        "井陉矿区",
        "黄浦区",
    ]
    assert "后备，主要为沈海" in after


def test_the_next_task_goes_to_those_registered_T02(browser_of: Open, world: World) -> None:
    save_areas(browser_of("郑大区"), person_page(world, "李静"), implementer="130102,130105", take_over="1")

    row = world.row(world.published("130102"))
    assert (row.implementer.name, row.supervisor.name) == ("李静", "赵岚")
    assert row.service_manager.name == "孙丽"


def test_the_people_of_a_place_are_ticked_and_marked(browser_of: Open, world: World) -> None:
    browser, page = browser_of("郑大区"), "/people/places/130102"
    wangqiang, lijing = world.by_name["王强"], world.by_name["李静"]
    answer = browser.submit(
        page,
        f"{page}/staff",
        roles=["implementer", "supervisor", "service_manager"],
        implementer=[str(wangqiang), str(lijing)],
        implementer_first=str(lijing),
        supervisor=[str(world.by_name["赵岚"])],
        service_manager=[],
    )

    assert answer.status_code == 302
    world.person("郑大区")
    lines = [(line.name, line.is_primary) for line in area_queries.staff_of("130102")]
    assert lines == [("李静", True), ("王强", False), ("赵岚", True)]
    history = browser.get(page).text
    assert "李静 · 实施人：未登记 → 主要" in history
    assert "孙丽 · 服务经理：主要 → 取消" in history


def test_those_who_may_not_see_it_without_a_form_and_why(browser_of: Open, world: World) -> None:
    browser = browser_of("王强")
    for page in (person_page(world, "李静"), "/people/places/130102"):
        text = browser.get(page).text
        assert "由管理员、总部部门经理，以及本大区的大区经理和主管维护" in text
        assert "保存" not in text
    assert "王强" in browser.get("/people/places/130102").text


def test_another_region_is_refused_also_by_hand(browser_of: Open, world: World) -> None:
    browser, page = browser_of("郑大区"), person_page(world, "李静")
    answer = browser.submit(page, f"{page}/areas", implementer="130105,310101")

    assert answer.status_code == 403
    assert "黄浦区不在本大区" in answer.text


@pytest.mark.proves("X-D3")
def test_somebody_else_was_faster_and_the_choice_stays_in_the_form(browser_of: Open, world: World) -> None:
    page = person_page(world, "李静")
    seen = area_queries.areas_seen(world.by_name["李静"])
    save_areas(browser_of("周总"), page, implementer="130105,130107")
    answer = browser_of("郑大区").submit(page, f"{page}/areas", implementer="130102", seen=seen)

    assert answer.status_code == 409
    assert "刚被其他人更新" in answer.text
    assert 'name="implementer" value="130102" data-stored="130105,130107"' in answer.text


def test_a_refused_place_form_keeps_who_was_ticked(browser_of: Open, world: World) -> None:
    page, lijing = "/people/places/130102", world.by_name["李静"]
    fields = {"roles": ["implementer"], "implementer": [str(lijing)], "implementer_first": str(lijing)}
    answer = browser_of("郑大区").submit(page, f"{page}/staff", seen="old", **fields)

    assert answer.status_code == 409
    assert re.search(rf'name="implementer" value="{lijing}"[^>]* checked', answer.text)
    assert f'name="implementer" value="{world.by_name["王强"]}" data-testid="implementer">' in answer.text


def test_open_rows_follow_when_the_box_was_ticked(browser_of: Open, world: World) -> None:
    row = world.point_task()
    page = "/people/places/130102"
    fields = {"roles": ["supervisor"], "supervisor": [str(world.by_name["顾东"])], "update_copies": "1"}
    browser = browser_of("周总")
    answer = browser.submit(page, f"{page}/staff", **fields)

    assert "1 条未办结任务的抄送人已一并更新" in browser.get(answer.headers["Location"]).text
    assert world.row(row.task_id).supervisor.name == "顾东"
    timeline = browser_of("林敏").get(f"/point-tasks/{row.id}").text
    assert "更新抄送人" in timeline
    assert "主管：赵岚→顾东" in timeline


@pytest.mark.parametrize("page", ["/people/places/130102", "person"])
def test_open_rows_are_offered_to_follow_later(browser_of: Open, world: World, page: str) -> None:
    row = world.point_task()
    browser = browser_of("周总")
    save_areas(browser, person_page(world, "顾东"), supervisor="310101,130102", take_over="1")
    assert world.row(row.task_id).supervisor.name == "赵岚"

    page = person_page(world, "顾东") if page == "person" else page
    assert "1 条未办结任务的抄送人与现在登记的不同" in browser.get(page).text
    browser.submit(page, f"{page}/update-copies")
    assert world.row(row.task_id).supervisor.name == "顾东"
    assert "与现在登记的不同" not in browser.get(page).text


def test_people_are_found_and_narrowed(browser_of: Open, world: World) -> None:
    browser = browser_of("林敏")
    found = re.findall(r"<b>([^<]+)</b>", browser.get("/people?q=li").text)
    assert found == ["李静", "林敏"]
    region = world.person("沈海").region_id
    text = browser.get(f"/people?role=implementer&region={region}").text
    assert re.findall(r"<b>([^<]+)</b>", text) == ["沈海"]
    assert "1 个点位" in text
    assert "没有找到" in browser.get("/people?q=%25").text


def test_the_way_down_leads_from_a_province_to_a_point(browser_of: Open) -> None:
    browser = browser_of("林敏")
    assert "1 个缺人" in browser.get("/people/places").text
    assert "/people/places/130100" in browser.get("/people/places/130000").text
    county = browser.get("/people/places/130100").text
    assert "无实施人" in county
    assert "赵岚 / 孙丽" in county


def test_the_report_names_the_points_with_nobody(browser_of: Open, world: World) -> None:
    browser = browser_of("周总")
    text = browser.get("/people/gaps?province=130000").text

    assert re.findall(r"<dd>(\d+)</dd>", text) == ["1", "1", "2", "5"]
    assert 'href="/people/places/130107"' in text
    assert "缺实施人、主管、服务经理" in text


def test_a_region_opens_its_own_report_first(browser_of: Open) -> None:
    browser = browser_of("郑大区")
    assert "上海市" not in browser.get("/people/gaps").text
    assert "上海市" in browser.get("/people/gaps?region=").text


def test_people_to_add_are_found_for_the_role(browser_of: Open, world: World) -> None:
    offered = "/people/places/130102/offered?role=supervisor"
    own = browser_of("郑大区").get(f"{offered}&text=gudong").text
    assert "没有找到" in own
    everyone = browser_of("周总").get(f"{offered}&text=gudong").text
    assert f'name="supervisor" value="{world.by_name["顾东"]}"' in everyone
    assert "赵岚" not in browser_of("周总").get(f"{offered}&text=zhaolan").text


@pytest.mark.parametrize("page", ["/people/999999", "/people/places/999999", "/people/places/x'--"])
def test_what_does_not_exist_is_not_found(browser_of: Open, page: str) -> None:
    assert browser_of("周总").get(page).status_code == 404


def test_someone_who_left_is_marked_and_makes_the_point_a_gap(
    browser_of: Open, world: World, told_time: ToldTime
) -> None:
    with transaction() as current:
        current.get_one(Person, world.by_name["王强"]).left_at = told_time.moment
    browser = browser_of("周总")

    assert "已离职" in browser.get("/people/places/130102").text
    assert "已离职" in browser.get(person_page(world, "王强")).text
    assert "长安区" in browser.get("/people/gaps?province=130000").text


def test_the_page_of_a_person_marks_places_that_are_no_points_any_more(
    browser_of: Open, world: World
) -> None:
    page = f"/people/{world.by_name['王强']}"
    assert "已停用" not in browser_of("王强").get(page).text
    with transaction() as current:
        current.get_one(Place, "130102").valid_to = date(2026, 6, 30)
    text = browser_of("王强").get(page).text

    assert "1 个区划已停用或改了代码" in text
    assert re.search(r"长安区<small[^>]*>已停用", tight(text))
    assert tight(text).count(">已停用<") == 1


def test_what_was_left_behind_is_dropped_with_one_tick(browser_of: Open, world: World) -> None:
    with transaction() as current:
        current.get_one(Place, "130102").valid_to = date(2026, 6, 30)
    page, browser = f"/people/{world.by_name['王强']}", browser_of("何志远")
    save_areas(browser, page, implementer="130102,130104", drop_left_behind="implementer")

    assert [line.place_code for line in area_queries.areas_of(world.by_name["王强"])] == ["130104"]
    assert "已停用" not in browser.get(page).text


def test_a_new_name_stands_in_the_picker_of_places(browser_of: Open, world: World) -> None:
    browser = browser_of("林敏")
    first = browser.get("/places/staffing.json")
    assert first.json["130102"][0] == "王强"
    with transaction() as current:
        current.get_one(Person, world.by_name["王强"]).name = "王小强"
    again = browser.get("/places/staffing.json", headers={"If-None-Match": first.headers["ETag"]})

    assert again.json["130102"][0] == "王小强"
