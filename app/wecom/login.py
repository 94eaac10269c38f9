"""The two addresses that send a browser to WeCom to find out who is there. Pure builders."""

import re
from urllib.parse import urlencode

from app.errors import BadInput

STATE = re.compile(r"[a-zA-Z0-9]{1,128}", re.ASCII)


def authorize_url(
    *,
    base: str,
    corp_id: str,
    agent_id: int,
    redirect_uri: str,
    state: str,
    scope: str = "snsapi_base",
) -> str:
    """Where a page inside WeCom goes for a code (D 91022). `state`: 1–128 letters and digits."""
    query = urlencode(
        {
            "appid": corp_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": scope,
            "state": _checked(state),
            "agentid": agent_id,
        }
    )
    return f"{base}/connect/oauth2/authorize?{query}#wechat_redirect"


def sso_url(
    *, base: str, corp_id: str, agent_id: int, redirect_uri: str, state: str, lang: str = "zh"
) -> str:
    """Where a desktop browser outside WeCom goes to scan the code (D 98152)."""
    query = urlencode(
        {
            "login_type": "CorpApp",
            "appid": corp_id,
            "agentid": agent_id,
            "redirect_uri": redirect_uri,
            "state": _checked(state),
            "lang": lang,
        }
    )
    return f"{base}/wwlogin/sso/login?{query}"


def _checked(state: str) -> str:
    if not STATE.fullmatch(state):
        raise BadInput("登录参数无效，请重新打开页面。")
    return state
