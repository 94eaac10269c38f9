"""OAuth inside WeCom, SSO outside, and the codes they hand out."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.conftest import StandIn

OAUTH = {
    "appid": "wwdemo0000000001",
    "redirect_uri": "http://127.0.0.1:8000/login/callback",
    "response_type": "code",
    "scope": "snsapi_base",
    "state": "abc123",
    "agentid": "1000002",
}
SSO = {name: OAUTH[name] for name in ("appid", "redirect_uri", "state", "agentid")} | {
    "login_type": "CorpApp"
}
FRAMED = {"Sec-Fetch-Dest": "iframe"}


def open_as(stand_in: StandIn, userid: str) -> None:
    stand_in.http.get("/open", query_string={"member": userid, "url": "http://127.0.0.1:8000/login"})


def code_for(stand_in: StandIn, userid: str, **changed: str) -> str:
    open_as(stand_in, userid)
    answer = stand_in.http.get("/connect/oauth2/authorize", query_string=OAUTH | changed, headers=FRAMED)
    query = parse_qs(urlsplit(answer.location).query)
    assert query["state"] == ["abc123"]
    return query["code"][0]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"appid": "wwother"}, 40013),
        ({"redirect_uri": "http://127.0.0.1:8009/login/callback"}, 50001),
        ({"redirect_uri": "http://evil.example/login/callback"}, 50001),
        ({"redirect_uri": ""}, 50001),
        ({"state": "a-b"}, 84025),
        ({"state": "a" * 129}, 84025),
        ({"agentid": "7"}, 40056),
        ({"scope": "snsapi_privateinfo", "agentid": ""}, 40056),
        ({"scope": "everything"}, 40035),
        ({"response_type": "token"}, 40035),
    ],
)
def test_a_wrong_question_gets_a_page_with_the_code(
    stand_in: StandIn, changed: dict[str, str], code: int
) -> None:
    open_as(stand_in, "WangQiang")
    page = stand_in.http.get("/connect/oauth2/authorize", query_string=OAUTH | changed, headers=FRAMED)

    assert page.status_code == 400
    assert f">{code}<" in page.text


def test_inside_the_phone_the_code_comes_at_once_and_serves_once(stand_in: StandIn) -> None:
    code = code_for(stand_in, "wangqiang")

    assert stand_in.call("auth/getuserinfo", code=code)["userid"] == "WangQiang"
    assert stand_in.call("auth/getuserinfo", code=code)["errcode"] == 42022
    assert stand_in.call("auth/getuserinfo", code="made-up")["errcode"] == 40029


def test_a_code_lives_five_minutes(stand_in: StandIn) -> None:
    code = code_for(stand_in, "wangqiang")
    stand_in.later(301)

    assert stand_in.call("auth/getuserinfo", code=code)["errcode"] == 42003


def test_private_details_take_a_ticket_of_half_an_hour(stand_in: StandIn) -> None:
    code = code_for(stand_in, "wangqiang", scope="snsapi_privateinfo")
    ticket = stand_in.call("auth/getuserinfo", code=code)["user_ticket"]

    assert stand_in.call("auth/getuserdetail", {"user_ticket": ticket})["mobile"] == "13800000001"
    assert stand_in.call("auth/getuserdetail", {"user_ticket": "made-up"})["errcode"] == 84015
    stand_in.later(1801)
    assert stand_in.call("auth/getuserdetail", {"user_ticket": ticket})["errcode"] == 84014


@pytest.mark.parametrize("userid", ["outsider", "linmin"])
def test_who_is_not_in_the_corp_gets_an_openid_and_no_userid(stand_in: StandIn, userid: str) -> None:
    stand_in.desk("member", userid="linmin", state="left")
    answer = stand_in.call("auth/getuserinfo", code=code_for(stand_in, userid))

    assert (answer["errcode"], "openid" in answer, "userid" in answer) == (0, True, False)


def test_who_is_out_of_range_is_still_named(stand_in: StandIn) -> None:
    stand_in.desk("member", userid="linmin", state="out_of_range")

    assert stand_in.call("auth/getuserinfo", code=code_for(stand_in, "linmin"))["userid"] == "linmin"


def test_a_plain_browser_is_told_to_use_the_client(stand_in: StandIn) -> None:
    page = stand_in.http.get("/connect/oauth2/authorize", query_string=OAUTH)
    assert "请在企业微信客户端打开链接" in page.text

    open_as(stand_in, "linmin")
    in_a_tab = {"Sec-Fetch-Dest": "document"}
    first = stand_in.http.get("/connect/oauth2/authorize", query_string=OAUTH, headers=in_a_tab)
    second = stand_in.http.get("/connect/oauth2/authorize", query_string=OAUTH, headers=in_a_tab)
    assert (first.status_code, second.status_code) == (302, 200)


def test_scanning_in_a_desktop_browser_brings_a_code_too(stand_in: StandIn) -> None:
    page = stand_in.http.get("/wwlogin/sso/login", query_string=SSO)
    assert 'data-testid="sso-member-linmin"' in page.text

    done = stand_in.http.post("/wwlogin/sso/confirm", query_string=SSO, data={"userid": "linmin"})
    code = parse_qs(urlsplit(done.location).query)["code"][0]
    assert stand_in.call("auth/getuserinfo", code=code)["userid"] == "linmin"


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"login_type": "X"}, 40035), ({"agentid": ""}, 40056), ({"redirect_uri": "http://a.example/"}, 50001)],
)
def test_scanning_is_refused_for_a_wrong_question(
    stand_in: StandIn, changed: dict[str, str], code: int
) -> None:
    page = stand_in.http.get("/wwlogin/sso/login", query_string=SSO | changed)

    assert f">{code}<" in page.text


def test_links_that_lead_elsewhere_are_not_followed(stand_in: StandIn) -> None:
    page = stand_in.http.get("/open", query_string={"member": "linmin", "url": "https://evil.example/"})

    assert page.status_code == 200
    assert "不在演示之内" in page.text
