"""The way in: one round trip through WeCom, tied to one browser, and what it refuses (X-S3, X-S4, X-S5)."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.db import transaction
from app.people.models import Person
from app.settings import Settings
from tests.h5.conftest import Open
from tests.told_time import ToldTime
from tests.visitor import Visitor
from tests.wecom.wire import Wire
from tests.world import World

PUBLIC = "http://127.0.0.1:8000"
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/7.0 wxwork/4.1 MicroMessenger"}
OUR_PATHS = ("/", "/tasks/1?mine=1", "/point-tasks/12#note", "/tasks?q=石家庄")
FOREIGN = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/a\r\nb",
    "\\evil",
    "javascript:1",
    "/x\\y",
)


def begin(visitor: Visitor, path: str = "/login", **kwargs: object) -> dict[str, str]:
    """Start a login; what the browser takes along to WeCom."""
    answer = visitor.get(path, base_url=PUBLIC, **kwargs)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def come_back(visitor: Visitor, state: str, code: str = "a-code") -> TestResponse:
    return visitor.get("/login/callback", query_string={"code": code, "state": state}, base_url=PUBLIC)


def begins_anew(answer: TestResponse) -> bool:
    return answer.status_code == 302 and "/wwlogin/sso/login?" in answer.headers["Location"]


def who(visitor: Visitor) -> str:
    page = visitor.get("/me", base_url=PUBLIC)
    return page.text.split('data-testid="my-name">')[1].split("<")[0] if page.status_code == 200 else "nobody"


def test_inside_wecom_the_login_goes_through_oauth(client: Visitor, settings: Settings) -> None:
    answer = client.get("/login", base_url=PUBLIC, headers=PHONE)
    assert answer.headers["Location"].startswith(f"{settings.WECOM_OAUTH_BASE}/connect/oauth2/authorize?")
    assert answer.headers["Location"].endswith("#wechat_redirect")


def test_in_demo_the_frame_of_the_stand_in_counts_as_inside(client: Visitor) -> None:
    answer = client.get("/login", base_url=PUBLIC, headers={"Sec-Fetch-Dest": "iframe"})
    assert "/connect/oauth2/authorize?" in answer.headers["Location"]


@pytest.mark.parametrize("path", ["/login", "/login?inside=1&next=/point-tasks/1"])
def test_a_desktop_browser_scans_the_code_whatever_the_link_says(
    client: Visitor, settings: Settings, path: str
) -> None:
    answer = client.get(path, base_url=PUBLIC)
    assert answer.headers["Location"].startswith(f"{settings.WECOM_SSO_BASE}/wwlogin/sso/login?")


def test_the_state_is_random_and_the_way_back_is_our_own_address(client: Visitor) -> None:
    first, second = begin(client), begin(client)
    assert len(first["state"]) >= 32
    assert first["state"].isalnum()
    assert first["state"] != second["state"]
    assert first["redirect_uri"] == f"{PUBLIC}/login/callback"


def test_a_member_comes_in_and_lands_on_the_page_they_wanted(client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"userid": "WangQiang"})
    state = begin(client, "/login?inside=1&next=/tasks")["state"]
    answer = come_back(client, state)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tasks")
    assert who(client) == "王强"


@pytest.mark.parametrize("path", OUR_PATHS)
def test_next_leads_to_any_path_of_ours(client: Visitor, wire: Wire, path: str) -> None:
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    answer = come_back(client, begin(client, f"/login?next={quote(path, safe='')}")["state"])
    assert answer.headers["Location"] == quote(path, safe="/?=#%")


@pytest.mark.parametrize("path", FOREIGN)
@pytest.mark.proves("R-P17", "X-S4")
def test_next_leads_nowhere_else(client: Visitor, wire: Wire, path: str) -> None:
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    answer = come_back(client, begin(client, f"/login?next={quote(path, safe='')}")["state"])
    assert answer.headers["Location"] == "/"


@pytest.mark.proves("R-P17", "X-S3")
def test_a_state_works_once(client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    state = begin(client)["state"]
    come_back(client, state)
    client.delete_cookie("fwrw", domain="127.0.0.1")
    assert begins_anew(come_back(client, state))
    assert who(client) == "nobody"


@pytest.mark.parametrize("state", ["", "0" * 48, "x" * 5000])
def test_an_invented_state_is_refused(client: Visitor, wire: Wire, state: str) -> None:
    begin(client)
    assert come_back(client, state).status_code == 400


@pytest.mark.proves("X-S3")
def test_a_state_of_another_browser_is_refused(app: Flask, client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"userid": "linmin"})
    victim = app.test_client()
    begin(victim)
    assert begins_anew(come_back(victim, begin(client)["state"]))
    assert who(victim) == "nobody"


def test_a_state_older_than_five_minutes_begins_anew(
    client: Visitor, wire: Wire, told_time: ToldTime
) -> None:
    state = begin(client)["state"]
    told_time.pass_(minutes=5, seconds=1)
    assert begins_anew(come_back(client, state))
    assert wire.asked == []


@pytest.mark.parametrize("code", ["", "x" * 513])
def test_a_missing_or_endless_code_is_refused_without_asking_wecom(
    client: Visitor, wire: Wire, code: str
) -> None:
    assert come_back(client, begin(client)["state"], code).status_code == 400
    assert wire.asked == []


def test_a_used_code_twice_in_a_row_is_refused_with_a_way_to_start_over(client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"errcode": 40029, "errmsg": "invalid code"})
    again = come_back(client, begin(client, "/login?next=/tasks")["state"])
    assert begins_anew(again)
    answer = come_back(client, parse_qs(urlsplit(again.headers["Location"]).query)["state"][0])
    assert answer.status_code == 400
    assert 'href="/login?next=/tasks"' in answer.text


def test_wecom_out_of_reach_is_said_so(client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"errcode": -1, "errmsg": "system busy"})
    answer = come_back(client, begin(client)["state"])
    assert answer.status_code == 503
    assert "企业微信暂时没有应答" in answer.text


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"openid": "o123"}, "您不是本企业的成员"),
        ({"userid": "nobodyknows"}, "还没有您的信息"),
        ({"userid": "moshengren"}, "您还没有被分配角色"),
    ],
)
def test_who_has_no_business_here_gets_a_friendly_page(
    client: Visitor, wire: Wire, answer: dict[str, str], sentence: str
) -> None:
    wire.answers("auth/getuserinfo", answer)
    page = come_back(client, begin(client)["state"])
    assert page.status_code == 403
    assert sentence in page.text
    assert who(client) == "nobody"


def test_a_leaver_cannot_come_in(client: Visitor, wire: Wire, world: World, told_time: ToldTime) -> None:
    leave(world, "王强", told_time)
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    assert come_back(client, begin(client)["state"]).status_code == 403


def test_another_member_on_the_same_phone_replaces_the_session(client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    wire.answers("auth/getuserinfo", {"userid": "zhaolan"})
    come_back(client, begin(client)["state"])
    old = cookie_of(client)
    come_back(client, begin(client, "/login?inside=1")["state"])
    assert who(client) == "赵岚"
    client.set_cookie("fwrw", old, domain="127.0.0.1")
    assert who(client) == "nobody"


def test_who_is_signed_in_goes_straight_on(client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    come_back(client, begin(client)["state"])
    answer = client.get("/login?next=/tasks", base_url=PUBLIC)
    assert answer.headers["Location"] == "/tasks"


def test_the_same_member_coming_in_again_keeps_forms_in_other_windows_valid(
    client: Visitor, wire: Wire
) -> None:
    wire.answers("auth/getuserinfo", {"userid": "wangqiang"})
    come_back(client, begin(client)["state"])
    open_form = client.get("/me", base_url=PUBLIC).text.split('name="csrf_token" value="')[1].split('"')[0]
    come_back(client, begin(client, "/login?inside=1")["state"])
    answer = client.post("/me/look", data={"csrf_token": open_form, "theme": "dark"}, base_url=PUBLIC)
    assert answer.status_code == 302


@pytest.mark.proves("X-S5")
def test_a_cookie_from_before_the_login_does_not_become_a_session(client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"userid": "linmin"})
    state = begin(client)["state"]
    planted = [(cookie.key, cookie.value) for cookie in client._cookies.values()]
    come_back(client, state)
    client._cookies.clear()
    for name, value in planted:
        client.set_cookie(name, value, domain="127.0.0.1")
    assert who(client) == "nobody"


@pytest.mark.proves("R-P17", "X-S5")
def test_after_logout_a_copy_of_the_cookie_is_worth_nothing(browser_of: Open) -> None:
    browser = browser_of("王强")
    browser.get("/me")
    copy = cookie_of(browser.visitor, "localhost")
    assert browser.submit("/me", "/logout").headers["Location"] == "/logout"
    browser.visitor.set_cookie("fwrw", copy)
    assert browser.get("/me").headers["Location"] == "/login?next=/me"


@pytest.mark.parametrize(
    ("pauses", "signed_in"), [([11, 11, 11], True), ([12.01], False), ([11] * 16, False)]
)
def test_a_session_ends_after_twelve_idle_hours_and_after_seven_days(
    browser_of: Open, told_time: ToldTime, pauses: list[float], signed_in: bool
) -> None:
    browser = browser_of("王强")
    for hours in pauses:
        told_time.pass_(hours=hours)
        answer = browser.get("/me")
    assert (answer.status_code == 200) is signed_in


@pytest.mark.proves("R-P15")
def test_a_leaver_is_out_at_the_next_request(browser_of: Open, world: World, told_time: ToldTime) -> None:
    browser = browser_of("王强")
    leave(world, "王强", told_time)
    assert browser.get("/me").status_code == 302


def test_another_host_name_is_led_to_the_public_address_once(client: Visitor) -> None:
    answer = client.get("/login?next=/tasks", base_url="http://localhost:8000")
    assert answer.headers["Location"] == f"{PUBLIC}/login?next=/tasks&here=1"
    again = client.get("/login?next=/tasks&here=1", base_url="http://behind-a-proxy")
    assert "/wwlogin/sso/login" in again.headers["Location"]


def test_cookies_over_plain_http_are_httponly_and_lax(client: Visitor, wire: Wire) -> None:
    wire.answers("auth/getuserinfo", {"userid": "linmin"})
    first = client.get("/login", base_url=PUBLIC)
    state = parse_qs(urlsplit(first.headers["Location"]).query)["state"][0]
    of_round = first.headers.getlist("Set-Cookie")
    of_session = [
        cookie for cookie in come_back(client, state).headers.getlist("Set-Cookie") if "fwrw=" in cookie
    ]
    assert (len(of_round), len(of_session)) == (1, 1)
    for cookie in of_round + of_session:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie


def cookie_of(visitor: Visitor, domain: str = "127.0.0.1") -> str:
    cookie = visitor.get_cookie("fwrw", domain=domain)
    assert cookie is not None
    return cookie.value


def leave(world: World, name: str, told_time: ToldTime) -> None:
    with transaction() as current:
        current.get_one(Person, world.by_name[name]).left_at = told_time.moment
