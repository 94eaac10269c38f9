"""What is wrong with a text somebody wrote, sentence by sentence."""

import pytest

from app.notices.wordings import files
from app.notices.wordings.catalogue import wordings
from app.notices.wordings.placeholders import check, offered

URGE = wordings()["urge.implementer"]
TRANSFER = wordings()["transfer.implementer"]
ROLL_BACK = wordings()["roll_back.upgraded"]


@pytest.mark.parametrize("key", sorted(wordings()))
def test_no_shipped_text_is_found_wrong(key):
    checked = check(wordings()[key], wordings()[key].text)

    assert (checked.unknown, checked.missing) == ((), ())


def test_a_placeholder_that_does_not_exist_is_explained_with_the_one_that_was_meant():
    (sentence,) = check(URGE, URGE.text.replace("【任务类型】", "【任务类别】")).unknown

    assert sentence == "没有【任务类别】这个占位，发出后会原样显示。是不是想写【任务类型】？"


def test_a_placeholder_of_another_text_has_nothing_to_show_here():
    (sentence,) = check(URGE, URGE.text + "【模块名称】（可列举）").unknown

    assert sentence.startswith("【模块名称】（可列举）在这段通知里没有内容可填")


@pytest.mark.parametrize("text", ["【催办：【任务类型】", "催办】：【任务类型】"])
def test_a_bracket_without_its_partner_is_named(text):
    assert any("不成对" in sentence for sentence in check(URGE, text).unknown)


def test_what_people_would_no_longer_read_is_named():
    checked = check(URGE, "【催办提醒】：【xxx（姓名）】请尽快办结。")

    assert checked.missing == ("【任务类型】", "【任务要求完成时间】", "长天长平台")


def test_a_head_may_be_worded_anew_but_a_mistyped_placeholder_is_no_head():
    assert check(URGE, URGE.text.replace("【催办提醒】", "【请抓紧】")).unknown == ()
    assert check(TRANSFER, TRANSFER.text.replace("【xxx（姓名）】", "【xxx(姓名)】")).unknown


def test_every_task_offers_its_facts_to_every_text():
    assert {"【重要紧急程度】", "【任务要求完成时间】"} <= set(offered(wordings()["overdue.copied_in"]))
    assert all(one.means for one in files.read().placeholders)


def test_the_typing_error_of_the_requirement_is_pointed_out_and_allowed_Q22():
    checked = check(ROLL_BACK, ROLL_BACK.text)

    assert "“登击”疑为“点击”" in checked.hints[0]
    assert check(ROLL_BACK, ROLL_BACK.text.replace("登击", "点击")).hints == ()
