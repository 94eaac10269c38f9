"""管理 → 接口令牌: a token is shown once, then only its beginning; it can be ended."""

import re

import pytest

from app.people.models import Role
from app.work import api_tokens
from tests.h5.conftest import Browser, Open
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = "/admin/tokens"


@pytest.fixture
def browser(browser_of: Open, world: World) -> Browser:
    """An administrator's."""
    world.appoint("周总", Role.ADMINISTRATOR)
    return browser_of("周总")


def shown_in(text: str) -> str:
    found = re.search(r'<code id="token"[^>]*>(fwrw_[\w-]+)</code>', text)
    assert found is not None
    return found[1]


def test_a_token_is_shown_once(browser: Browser) -> None:
    answer = browser.submit(PAGE, PAGE, name="数据平台", scope="read_tasks", region="")
    token = shown_in(answer.text)

    assert api_tokens.find(token) is not None
    later = browser.get(PAGE).text
    assert token not in later
    assert f"{token[:9]}…" in later
    assert "全部大区 · 读取任务和点位任务" in later


def test_the_same_form_sent_again_makes_no_second_token(browser: Browser, world: World) -> None:
    form = {"name": "数据平台", "scope": "read_tasks", "form_key": world.key()}
    browser.submit(PAGE, PAGE, **form)
    again = browser.submit(PAGE, PAGE, **form)

    assert again.status_code == 409
    assert "显示过一次" in again.text
    assert len(api_tokens.everyone()) == 1


def test_what_is_missing_is_said_at_its_field_and_the_rest_is_kept(browser: Browser) -> None:
    answer = browser.submit(PAGE, PAGE, name="", scope="write_patches")

    assert answer.status_code == 422
    assert "请填写哪个系统使用" in answer.text
    assert 'value="write_patches" data-testid="scope-write_patches" checked' in answer.text


def test_a_token_is_ended(browser: Browser) -> None:
    token = shown_in(browser.submit(PAGE, PAGE, name="数据平台", scope="read_tasks").text)
    number = api_tokens.everyone()[0].id

    assert browser.submit(PAGE, f"{PAGE}/{number}/revoke").location == PAGE
    assert api_tokens.find(token) is None
    assert "已停用" in browser.get(PAGE).text
