"""Logins as WebViews really do them: asked twice, several windows at once, run out, many behind one address."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser

from app.people import rounds
from app.settings import Settings
from tests.databases import settings_for
from tests.h5.test_login import leave
from tests.h5.wecom_line import PHONE, Window, at_once, query_of, stand_in_at
from tests.served import served
from tests.stories.demo import free_port
from tests.told_time import ToldTime
from tests.world import World

DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"
PAGES = ("/tasks", "/messages", "/me", "/")
CARD = "/login?inside=1&next=/point-tasks/7&m=0af3"
COOKIE = "fwrw"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of an application and a stand-in that know each other's ports."""
    stand_in = f"http://127.0.0.1:{free_port()}"
    return settings_for(
        database_url,
        UPLOAD_DIR=tmp_path / "uploads",
        CLOCK_OFFSET_FILE=tmp_path / "clock-offset",
        PUBLIC_BASE_URL=f"http://127.0.0.1:{free_port()}",
        WECOM_API_BASE=f"{stand_in}/cgi-bin/",
        WECOM_OAUTH_BASE=stand_in,
        WECOM_SSO_BASE=stand_in,
    )


@pytest.fixture
def wecom(app: Flask, world: World, settings: Settings, tmp_path: Path) -> Iterator[Any]:
    """Both programs, served; the stand-in's world."""
    app_port = int(settings.PUBLIC_BASE_URL.rsplit(":", 1)[1])
    port = int(settings.WECOM_OAUTH_BASE.rsplit(":", 1)[1])
    with served(app, app_port), stand_in_at(port, tmp_path, settings.PUBLIC_BASE_URL) as there:
        yield there


@pytest.fixture
def window(wecom: Any, settings: Settings) -> Window:
    """王强's phone, nobody signed in."""
    return Window(settings.PUBLIC_BASE_URL, settings.WECOM_OAUTH_BASE)


def who(window: Window) -> str:
    page = window.get("/me")
    return page.text.split('data-testid="my-name">')[1].split("<")[0] if page.status_code == 200 else "nobody"


def went_to(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "")


def begins_anew(
    answer: requests.Response, settings: Settings, page: str = "/connect/oauth2/authorize"
) -> bool:
    return went_to(answer)[1].startswith(f"{settings.WECOM_OAUTH_BASE}{page}?")


def look(window: Window, page: str) -> int:
    """Send the form of a page that is open already; how it was answered."""
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "theme": "dark"}
    sent = requests.post(
        f"{window.app}/me/look", data=fields, cookies=window.jar, allow_redirects=False, timeout=60
    )
    return sent.status_code


def test_the_same_way_back_asked_for_at_once_leads_everyone_to_the_page(window: Window, wecom: Any) -> None:
    back = window.way_back("/login?inside=1&next=/tasks")
    wecom.switches.set("delay_ms", 300)
    sent = dict(window.jar)

    answers = at_once(*[lambda: window.get(back, jar=sent)] * 4)

    assert [went_to(answer) for answer in answers] == [(302, "/tasks")] * 4
    for answer in answers:
        assert who(Window(window.app, window.stand_in, jar={COOKIE: answer.cookies[COOKIE]})) == "王强"


def test_the_same_way_back_asked_for_again_goes_on_to_the_page(window: Window) -> None:
    back = window.way_back("/login?inside=1&next=/tasks")
    window.get(back)
    signed_in = window.jar[COOKIE]

    assert [went_to(window.get(back)) for _ in range(3)] == [(302, "/tasks")] * 3
    assert window.jar[COOKIE] == signed_in


def test_the_way_back_is_worth_nothing_without_the_cookies_of_the_browser(
    window: Window, settings: Settings
) -> None:
    back = window.way_back("/login?inside=1&next=/tasks")
    window.get(back)
    thief = Window(window.app, window.stand_in)

    assert begins_anew(thief.get(back), settings)
    assert who(thief) == "nobody"


def test_nobody_comes_in_by_a_way_back_that_was_finished_minutes_ago(
    window: Window, settings: Settings, told_time: ToldTime
) -> None:
    back = window.way_back("/login?inside=1&next=/tasks")
    copy = Window(window.app, window.stand_in, jar=dict(window.jar))
    window.get(back)
    told_time.pass_(minutes=1, seconds=1)

    assert begins_anew(copy.get(back), settings)
    assert who(copy) == "nobody"


def test_windows_restored_at_once_all_end_on_their_own_page(window: Window) -> None:
    window.jar["simulator_member"] = "wangqiang"
    to_wecom = at_once(*[lambda page=page: window.get(f"/login?next={page}", jar={}) for page in PAGES])
    backs = [window.get(answer.headers["Location"]).headers["Location"] for answer in to_wecom]

    sent = dict(window.jar)
    ends = at_once(*[lambda back=back: window.get(back, jar=sent) for back in backs])

    assert [went_to(answer) for answer in ends] == [(302, page) for page in PAGES]
    shown = [window.get(page) for page in PAGES]
    assert [page.status_code for page in shown] == [200] * 4
    assert not [name for name in window.jar if name.startswith(f"{COOKIE}-round-")]


def test_forms_of_windows_that_signed_in_at_once_can_all_be_sent(window: Window) -> None:
    backs = [window.way_back("/login?next=/me") for _ in range(3)]
    sent, pages = dict(window.jar), []
    for back in backs:  # each as if it had been sent before the answer to the others came
        answer = window.get(back, jar=sent)
        pages.append(window.get("/me", jar={COOKIE: answer.cookies[COOKIE]}).text)

    assert [look(window, page) for page in pages] == [302] * 3


def test_a_card_opened_by_who_is_signed_in_leaves_their_other_windows_alone(window: Window) -> None:
    window.get(window.way_back("/login?next=/me"))
    before = window.jar[COOKIE]
    page = window.get("/me").text
    window.get(window.way_back(CARD))

    assert window.jar[COOKIE] == before
    assert look(window, page) == 302


def test_a_session_near_its_end_is_followed_by_a_new_one(window: Window, told_time: ToldTime) -> None:
    window.get(window.way_back("/login?next=/me"))
    before = window.jar[COOKIE]
    for _ in range(14):
        told_time.pass_(hours=11.5)
        window.get("/me")
    page = window.get("/me").text
    window.get(window.way_back(CARD))

    assert window.jar[COOKIE] != before
    assert look(window, page) == 302


def test_a_browser_holds_a_bounded_number_of_rounds(window: Window, told_time: ToldTime) -> None:
    for number in range(20):
        told_time.pass_(seconds=1)
        newest = window.way_back(f"/login?next=/tasks?n={number}")
    held = [name for name in window.jar if name.startswith(f"{COOKIE}-round-")]

    assert len(held) == 16
    assert went_to(window.get(newest)) == (302, "/tasks?n=19")


@pytest.mark.parametrize("how", ["too late", "cookie lost", "code used", "code invented", "code expired"])
def test_what_has_run_out_begins_anew_once_and_still_leads_to_the_page(
    window: Window, settings: Settings, wecom: Any, told_time: ToldTime, how: str
) -> None:
    def spoil(back: str) -> requests.Response:
        code = query_of(back)["code"]
        if how == "too late":
            told_time.pass_(minutes=5, seconds=1)
        elif how == "cookie lost":
            window.jar = {"simulator_member": "wangqiang"}
        elif how == "code used":
            with wecom.store.use() as db:
                db.execute("UPDATE code SET used_at = 1 WHERE code = ?", (code,))
        elif how == "code expired":
            with wecom.store.use() as db:
                db.execute("UPDATE code SET at = 1 WHERE code = ?", (code,))
        else:
            back = back.replace(code, "invented")
        return window.get(back)

    first = spoil(window.way_back(CARD))
    assert begins_anew(first, settings)

    again = window.get(first.headers["Location"]).headers["Location"]
    assert rounds.find(query_of(again)["state"]) == rounds.Round("/point-tasks/7", "0af3", True, None)
    second = spoil(again)
    assert second.status_code == 400
    assert "登录没有完成" in second.text
    assert 'href="/login?next=/point-tasks/7&amp;m=0af3"' in second.text

    assert went_to(window.get(window.way_back("/login?next=/point-tasks/7&m=0af3"))) == (
        302,
        "/point-tasks/7",
    )


def test_what_began_anew_by_itself_signs_in(window: Window, told_time: ToldTime) -> None:
    back = window.way_back(CARD)
    told_time.pass_(hours=10)  # a page with the QR code that was left open for the night
    to_wecom = window.get(back).headers["Location"]

    assert went_to(window.get(window.get(to_wecom).headers["Location"])) == (302, "/point-tasks/7")
    assert who(window) == "王强"


def test_a_session_that_ends_in_the_middle_of_a_round_does_not_disturb_it(
    window: Window, told_time: ToldTime
) -> None:
    window.get(window.way_back("/login?next=/me"))
    told_time.pass_(hours=11, minutes=58)
    back = window.way_back(CARD)
    told_time.pass_(minutes=4)

    assert went_to(window.get(back)) == (302, "/point-tasks/7")


def test_a_page_whose_session_has_ended_comes_back_by_itself(window: Window, told_time: ToldTime) -> None:
    window.get(window.way_back("/login?next=/me"))
    told_time.pass_(hours=13)
    turned_away = window.get("/tasks?mine=1&q=石家庄").headers["Location"]

    there = window.get(window.way_back(turned_away)).headers["Location"]
    assert query_of(there) == {"mine": "1", "q": "石家庄"}


def test_a_code_that_wecom_did_not_answer_for_can_be_asked_about_again(window: Window, wecom: Any) -> None:
    back = window.way_back("/login?next=/tasks")
    wecom.faults.add("-1", api="auth/getuserinfo", remaining=1)

    assert window.get(back).status_code == 503
    assert went_to(window.get(back)) == (302, "/tasks")


def test_who_begins_anew_after_a_refusal_is_asked_who_they_are(window: Window, told_time: ToldTime) -> None:
    window.get(window.way_back("/login?next=/me", member="zhaolan"))
    back = window.way_back(CARD, member="wangqiang")
    told_time.pass_(minutes=6)
    again = window.get(window.get(back).headers["Location"]).headers["Location"]
    told_time.pass_(minutes=6)

    assert 'href="/login?next=/point-tasks/7&amp;m=0af3&amp;inside=1"' in window.get(again).text


def test_who_may_not_come_in_reads_why_each_time(
    window: Window, settings: Settings, world: World, told_time: ToldTime
) -> None:
    leave(world, "王强", told_time)
    back = window.way_back("/login?next=/tasks")

    assert "还没有您的信息" in window.get(back).text
    anew = window.get(back)
    assert begins_anew(anew, settings)
    assert "还没有您的信息" in window.get(window.get(anew.headers["Location"]).headers["Location"]).text


@pytest.mark.parametrize("agent", [DESKTOP, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/604.1"])
def test_a_card_opened_in_an_ordinary_browser_leads_to_the_code_to_scan(
    window: Window, settings: Settings, agent: str
) -> None:
    window.agent = agent
    answer = window.get(CARD)
    assert begins_anew(answer, settings, page="/wwlogin/sso/login")


def test_a_card_opened_in_wechat_goes_through_oauth(window: Window, settings: Settings) -> None:
    window.agent = "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50"
    assert begins_anew(window.get(CARD), settings)


def test_failed_logins_of_others_behind_one_address_refuse_nobody(window: Window) -> None:
    for number in range(30):
        other = Window(window.app, window.stand_in)
        back = other.way_back("/login?next=/me")
        other.get(back.replace(query_of(back)["code"], f"invented{number}"))
        other.get(f"/login/callback?code=x&state={number:048}")

    assert other.get("/login/callback?code=x&state=guess").status_code == 429
    assert went_to(window.get(window.way_back("/login?next=/tasks"))) == (302, "/tasks")
    assert went_to(window.get(window.way_back(CARD))) == (302, "/point-tasks/7")
    late = window.way_back(CARD)
    window.jar = {"simulator_member": "wangqiang"}
    assert window.get(late).status_code == 302, "and what has run out begins anew for them"


def test_a_round_that_a_dead_process_had_taken_can_be_taken_again(app: Flask, told_time: ToldTime) -> None:
    state = rounds.begin("secret", next_path="/tasks")
    assert rounds.arrive(state, secret="secret") is rounds.Arrival.OURS
    told_time.pass_(seconds=21)
    assert rounds.arrive(state, secret="secret") is rounds.Arrival.OURS


@pytest.mark.parametrize("agent", [PHONE, DESKTOP])
def test_tabs_restored_at_once_in_a_browser_end_on_their_own_page(
    window: Window, chromium: Browser, agent: str
) -> None:
    context = chromium.new_context(user_agent=agent, viewport={"width": 390, "height": 844}, locale="zh-CN")
    first = context.new_page()
    first.goto(f"{window.stand_in}/")
    context.add_cookies([{"name": "simulator_member", "value": "wangqiang", "url": window.stand_in}])
    first.evaluate(
        "urls => urls.forEach(url => window.open(url, '_blank'))", [window.app + page for page in PAGES]
    )
    while len(context.pages) < 5:
        first.wait_for_timeout(100)
    tabs = context.pages[1:]
    if agent == DESKTOP:
        for tab in reversed(tabs):
            tab.get_by_test_id("sso-member-wangqiang").click()
            tab.get_by_test_id("sso-confirm").click()
    for tab in tabs:
        tab.get_by_test_id("tab-me").wait_for()

    ends = [tab.url.removeprefix(window.app).removesuffix("#wechat_redirect") for tab in tabs]
    assert sorted(ends) == sorted(PAGES)
    context.close()
