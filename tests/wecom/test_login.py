"""The addresses a browser is sent to."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.errors import BadInput
from app.wecom.login import authorize_url, sso_url

APP = {
    "corp_id": "ww1",
    "agent_id": 1000002,
    "redirect_uri": "https://t.example/login/callback?a=1&b=二",
    "state": "s1",
}


def test_inside_wecom_the_code_is_asked_for_by_oauth():
    url = authorize_url(base="https://open.weixin.qq.com", **APP)
    parts = urlsplit(url)
    assert url.startswith(
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww1&redirect_uri=https%3A%2F%2F"
    )
    assert parts.fragment == "wechat_redirect"
    assert parse_qs(parts.query) == {
        "appid": ["ww1"],
        "redirect_uri": [APP["redirect_uri"]],
        "response_type": ["code"],
        "scope": ["snsapi_base"],
        "state": ["s1"],
        "agentid": ["1000002"],
    }


def test_outside_wecom_the_browser_shows_the_code_to_scan():
    parts = urlsplit(sso_url(base="https://login.work.weixin.qq.com", **APP))
    assert parts.path == "/wwlogin/sso/login"
    assert parse_qs(parts.query) == {
        "login_type": ["CorpApp"],
        "appid": ["ww1"],
        "agentid": ["1000002"],
        "redirect_uri": [APP["redirect_uri"]],
        "state": ["s1"],
        "lang": ["zh"],
    }


@pytest.mark.parametrize("state", ["", "a-b", "a" * 129, "汉", "a\n", "a&agentid=2"])
def test_a_state_that_wecom_would_refuse_is_refused_here(state: str):
    with pytest.raises(BadInput):
        authorize_url(base="https://open.weixin.qq.com", **APP | {"state": state})
