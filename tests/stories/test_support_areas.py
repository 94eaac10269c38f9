"""支持区域 in a browser: counties picked for a person, people ticked for a county."""

from playwright.sync_api import Page, expect

from tests.stories.demo import Demo
from tests.stories.test_photos import sign_in


def test_two_counties_are_added_to_a_person_and_are_there_when_reopened_T01(page: Page, demo: Demo) -> None:
    sign_in(page, demo, "zhouzong")
    page.get_by_test_id("tab-me").click()
    page.get_by_test_id("to-people").click()
    page.get_by_test_id("people-search").fill("caojunjie")
    page.get_by_test_id("people-search").press("Enter")
    page.get_by_test_id("person-caojunjie").click()

    page.get_by_test_id("choose-implementer").click()
    for name, code in (("caq", "130102"), ("qxq", "130104")):
        page.get_by_test_id("place-search").fill(name)
        page.get_by_test_id(f"place-{code}").check()
    page.get_by_test_id("place-confirm").click()
    areas = page.get_by_test_id("areas-implementer")
    expect(areas).to_contain_text("保存后增加 2 个：长安区、桥西区")
    page.get_by_test_id("save-areas").click()

    expect(page.get_by_test_id("said")).to_contain_text("涉及 2 个点位")
    page.reload()
    expect(areas).to_contain_text("长安区后备，主要为王强")
    expect(areas).to_contain_text("桥西区")


def test_a_supervisor_is_replaced_at_a_county_and_the_history_says_so(page: Page, demo: Demo) -> None:
    sign_in(page, demo, "zhouzong")
    page.goto(f"{demo.app_url}/people/places/130105")
    staff = page.get_by_test_id("staff-supervisor")
    page.get_by_test_id("find-supervisor").press_sequentially("zhaochun")
    added = staff.locator("[data-offered]").get_by_label("赵春生")
    added.check()
    expect(staff.locator("[data-list]").get_by_label("赵春生")).to_be_checked()
    staff.locator("[data-list] input[type=checkbox]").first.uncheck()
    page.get_by_test_id("save-staff").click()

    expect(page.get_by_test_id("said")).to_contain_text("涉及 1 个点位")
    expect(page.get_by_test_id("area-history")).to_contain_text("赵春生 · 主管：未登记 → 主要")
    expect(staff.locator("[data-list] .staff-line")).to_have_count(1)
