"""管理 → 通知模板 and 平台设置: what an administrator sees, types and is told."""

import re

from app.notices.wordings.catalogue import wordings
from tests.h5.conftest import Open
from tests.world import World

PAGE = "/admin/wordings/publish.implementer"


def test_the_way_from_my_page_to_the_texts(browser_of: Open, world: World) -> None:
    browser = browser_of("何志远")

    assert 'href="/admin"' in browser.get("/me").text
    assert 'href="/admin/wordings"' in browser.get("/admin").text
    texts = browser.get("/admin/wordings").text
    assert texts.count('data-testid="wording-') == len(wordings())
    assert texts.count("含“登击”") == 2
    assert 'href="/admin"' not in browser_of("林敏").get("/me").text


def test_others_read_that_it_is_for_administrators(browser_of: Open) -> None:
    answer = browser_of("周总").get(PAGE)

    assert answer.status_code == 403
    assert "这一页只有管理员可以打开" in answer.text


def test_a_text_is_changed_and_marked_and_reset(browser_of: Open, world: World) -> None:
    browser = browser_of("何志远")
    text = "【xxx（姓名）】请办理【重要紧急程度】的【任务类型】，【任务要求完成时间】前在长天长平台办结。"
    browser.submit(PAGE, PAGE, text=text)
    page = browser.get(PAGE).text

    assert "已保存，之后的通知都用新的内容" in page
    assert f">{text}</textarea>" in page
    assert f"<ins>{text}</ins>" in page
    assert "已修改" in browser.get("/admin/wordings").text
    browser.submit(PAGE, f"{PAGE}/reset")
    assert "已恢复原文" in browser.get(PAGE).text


def test_a_refused_text_stays_in_the_form_with_the_reason(browser_of: Open, world: World) -> None:
    browser = browser_of("何志远")
    answer = browser.submit(PAGE, PAGE, text="请办理【任务类别】。")

    assert answer.status_code == 422
    assert ">请办理【任务类别】。</textarea>" in answer.text
    assert "是不是想写【任务类型】" in answer.text
    assert "确认不写" in answer.text


def test_the_preview_fills_in_a_real_task_and_saves_nothing(browser_of: Open, world: World) -> None:
    world.published("130102")
    browser = browser_of("何志远")
    token = re.search(r'name="csrf_token" value="([^"]+)', browser.get(PAGE).text)[1]
    answer = browser.visitor.post(
        f"{PAGE}/preview", data={"csrf_token": token, "text": "请办【任务类型】", "version": "0"}
    )

    assert "<blockquote>请办应急事件</blockquote>" in answer.text
    assert "少了【xxx（姓名）】" in answer.text
    assert "请办" not in browser.get(PAGE).text


def test_the_settings_say_what_changed(browser_of: Open, world: World) -> None:
    browser = browser_of("何志远")
    answer = browser.submit(
        "/admin/settings", "/admin/settings", platform_name="甲平台", department_name="服务运营部"
    )
    page = browser.get(answer.headers["Location"]).text

    assert "已保存平台名称，之后的通知都用新的名称" in page
    assert "平台名称：<del>长天长平台</del> → <ins>甲平台</ins>" in page
    refused = browser.submit("/admin/settings", "/admin/settings", platform_name="【甲】", department_name="")
    assert refused.status_code == 422
    assert 'value="【甲】"' in refused.text
