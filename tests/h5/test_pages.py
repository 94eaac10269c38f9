"""What people find on their pages, and what their forms do."""

import gzip
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from app.db import db, session, transaction
from app.notices.models import Delivery
from app.tasks.models import PointTask, Task
from tests.h5.conftest import Open, tight
from tests.told_time import ToldTime
from tests.visitor import Visitor
from tests.world import World

PUBLISH = {
    "act": "publish",
    "type": "应急事件",
    "urgency": "紧急",
    "due_at": "2026-11-24T18:00",
    "places": "130102,130104",
    "note": "请先备份。",
}


def test_publishing_leads_to_the_task_with_one_row_per_place_T23_T37(browser_of: Open, world: World) -> None:
    browser = browser_of("林敏")
    answer = browser.submit("/tasks/new", "/tasks/new", **PUBLISH)
    page = browser.get(answer.headers["Location"]).text
    assert "已发布到 2 个点位" in page
    assert re.findall(r"<b>([^<]+)</b><small>河北省 / 石家庄市", tight(page)) == ["长安区", "桥西区"]
    assert ("王强", "publish.implementer") in world.queued()


def test_one_form_asks_for_all_that_publishing_needs_T23(browser_of: Open, world: World) -> None:
    page = browser_of("林敏").get("/tasks/new").text
    form = page.split('<form id="publish"')[1].split("</form>")[0]
    fields = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', form))
    assert fields >= set(PUBLISH) - {"act"} | {"patch", "due_by", "due_days"}
    acts = re.findall(r'<button[^>]*(?:name="act" value="(\w+)"|type="(reset)")[^>]*>([^<]+)</button>', form)
    assert acts == [("", "reset", "重置"), ("draft", "", "暂存"), ("publish", "", "发布")]


def test_a_parent_stands_for_its_leaves_T30_Q50(browser_of: Open) -> None:
    """The list for browsers without scripts sends 石家庄市 itself; 井陉矿区 in it has no 实施人."""
    answer = browser_of("林敏").submit("/tasks/new?plain=1", "/tasks/new", **PUBLISH | {"places": "130100"})
    assert answer.status_code == 422
    assert "井陉矿区" in answer.text


def test_saving_a_draft_tells_nobody_and_opens_again_as_it_was_T38(browser_of: Open, world: World) -> None:
    browser = browser_of("林敏")
    answer = browser.submit("/tasks/new", "/tasks/new", **PUBLISH | {"act": "draft"})
    tree = browser.get(answer.headers["Location"]).text
    link = re.search(r"/tasks/new\?draft=\d+", tree)
    assert link is not None
    page = browser.get(link[0]).text
    assert world.queued() == []
    assert 'value="130102,130104"' in page
    assert 'value="2026-11-24T18:00"' in page
    assert "请先备份。</textarea>" in page


def test_a_draft_is_published_once_and_leaves_the_list(browser_of: Open) -> None:
    browser = browser_of("林敏")
    browser.submit("/tasks/new", "/tasks/new", **PUBLISH | {"act": "draft"})
    draft_id = session().execute(sa.select(Task.id)).scalar_one()
    answer = browser.submit(f"/tasks/new?draft={draft_id}", "/tasks/new", **PUBLISH)
    assert answer.headers["Location"] == f"/tasks/{draft_id}"
    assert "draft=" not in browser.get("/tasks").text


def test_somebody_elses_draft_is_not_found(browser_of: Open) -> None:
    browser_of("林敏").submit("/tasks/new", "/tasks/new", **PUBLISH | {"act": "draft"})
    draft_id = session().execute(sa.select(Task.id)).scalar_one()
    assert browser_of("何主任").get(f"/tasks/new?draft={draft_id}").status_code == 404


def test_feeding_back_and_closing_from_the_row_T43_T51(browser_of: Open, world: World) -> None:
    row = world.point_task()
    page, browser = f"/point-tasks/{row.id}", browser_of("王强")
    first = browser.get(page).text
    assert "还差 1 项未完成：应急事件" in first
    assert f'name="item" value="{row.items[0].id}"' in first
    browser.submit(page, f"{page}/feed-back", item=str(row.items[0].id), note="已恢复")
    assert browser.submit(page, f"{page}/close").status_code == 302
    last = browser.get(page).text
    assert re.search(r'data-testid="label">已办结<', last)
    assert "已恢复" in last
    assert "100%" in browser_of("林敏").get(f"/tasks/{row.task_id}").text


@pytest.mark.parametrize("name", ["应急事件", "数据调度", "重大活动保障"])
def test_the_types_without_a_source_are_chosen_by_hand_and_name_their_item_T26_T28(
    browser_of: Open, world: World, name: str
) -> None:
    browser = browser_of("林敏")
    answer = browser.submit("/tasks/new", "/tasks/new", **PUBLISH | {"type": name})
    row = world.row(int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert [item.name for item in row.items] == [name]
    details = tight(browser.get(f"/point-tasks/{row.id}").text).split("任务详情（")[1]
    assert f">{name}<" in details


def test_the_form_offers_the_four_types_in_the_words_of_the_field_T24(browser_of: Open, world: World) -> None:
    page = browser_of("林敏").get("/tasks/new").text
    offered = set(re.findall(r'name="type" value="([^"]+)"', page))
    assert offered == {"升级任务", "数据调度", "应急事件", "重大活动保障"}


def test_the_form_offers_one_choice_of_four_urgencies_Q39(browser_of: Open, world: World) -> None:
    page = browser_of("林敏").get("/tasks/new").text
    offered = re.findall(r'name="urgency" value="([^"]+)"', page)
    assert offered == ["一般", "重要", "紧急", "重要紧急"]


def test_what_the_publisher_wrote_is_read_in_the_row_T33(browser_of: Open, world: World) -> None:
    row = world.row(world.published("130102", note="先停接口\n再备份"))
    for name in ("王强", "赵岚", "林敏"):
        page = browser_of(name).get(f"/point-tasks/{row.id}").text
        assert '<section class="card note">先停接口\n再备份</section>' in page


def test_a_row_names_its_implementer_and_those_copied_in_T31_T35(browser_of: Open, world: World) -> None:
    row, browser = world.point_task(), browser_of("林敏")
    line = browser.get(f"/tasks/{row.task_id}").text.split(f'data-testid="row-{row.id}"')[1]
    assert "<i>实施人 </i>王强<" in line
    assert "<i>主管 / 服务经理 </i>赵岚 / 孙丽<" in line
    page = tight(browser.get(f"/point-tasks/{row.id}").text)
    people = page.split("相关人员</h2>")[1].split("</dl>")[0]
    assert re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)", people) == [
        ("实施人", "王强"),
        ("主管", "赵岚"),
        ("服务经理", "孙丽"),
        ("发布人", "林敏"),
    ]


@pytest.mark.parametrize(
    ("field", "sentence"), [("urgency", "请选择重要紧急程度"), ("due_at", "请填写任务要求完成时间")]
)
def test_urgency_and_deadline_are_asked_for_T34(
    browser_of: Open, world: World, field: str, sentence: str
) -> None:
    answer = browser_of("林敏").submit("/tasks/new", "/tasks/new", **PUBLISH | {field: ""})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert world.queued() == []


def test_the_detail_stands_open_for_feedback_and_nothing_else_can_be_changed_T41_T44(
    browser_of: Open, world: World
) -> None:
    row = world.point_task()
    page, browser = f"/point-tasks/{row.id}", browser_of("王强")
    assert f'href="{page}?act=feed_back"' in browser.get(f"/tasks/{row.task_id}").text
    detail = tight(browser.get(page + "?act=feed_back").text)
    form = detail.split('<form id="feed_back"')[1].split("</form>")[0]
    shown = set(re.findall(r'<(?:input|textarea|select)[^>]* name="(\w+)"', form))
    unseen = {"csrf_token", "form_key", "version", "items", "asks_deadline"}
    assert shown - unseen == {"item", "note", "files", "cannot_meet"}
    forged = {"due_at": "2030-01-01T00:00", "urgency": "一般", "implementer_id": "1", "label": "已办结"}
    browser.submit(page, f"{page}/feed-back", note="已到现场", **forged)
    after = world.row(row.task_id)
    assert (after.due_at, after.implementer_id, after.label) == (row.due_at, row.implementer_id, "正常")
    assert after.task.urgency == "紧急"


@pytest.mark.parametrize("act", ["transfer", "close"])
def test_the_list_and_the_detail_lead_to_the_same_form_T47_T51(
    browser_of: Open, world: World, act: str
) -> None:
    row = world.point_task()
    world.feed_back(row)
    browser, page = browser_of("王强"), f"/point-tasks/{row.id}"
    link = f"{page}?act={act}"
    assert f'href="{link}"' in browser.get(f"/tasks/{row.task_id}").text
    assert f'action="{page}/{act}"' in browser.get(page).text
    sheet = browser.get(link).text.split(f'<dialog class="sheet" id="{act}"')[1].split("</dialog>")[0]
    assert " open data-modal>" in sheet
    assert f'action="{page}/{act}"' in sheet


def test_the_details_of_the_publisher_are_for_reading_T54_T77(browser_of: Open, world: World) -> None:
    row = world.point_task()
    world.feed_back(row, note="已恢复供电")
    page = tight(browser_of("林敏").get(f"/point-tasks/{row.id}?act=details").text)
    form = page.split('<form id="feed_back"')[1].split("</form>")[0]
    assert not re.search(r"<(textarea|select)|type=.(checkbox|file|text)", form)
    assert '<span class="cell-value">是</span>' in form
    assert "已恢复供电" in page.split('id="timeline"', 1)[1]


def test_the_root_of_the_tree_lists_every_row_i_may_see_T09(browser_of: Open, world: World) -> None:
    first, second = world.published("130102"), world.published("310101")
    browser = browser_of("周总")
    root = re.search(r'href="([^"]+)" data-testid="node-all"[^>]*><span>([^<]+)<', browser.get("/tasks").text)
    assert root is not None
    assert root[2] == "全部"
    page = browser.get(root[1]).text
    assert {world.row(first).id, world.row(second, "310101").id} == {
        int(n) for n in re.findall(r' id="row-(\d+)"', page)
    }


def test_a_supervisor_may_write_a_note_but_finds_no_switches_T44_Q28(browser_of: Open, world: World) -> None:
    row = world.point_task()
    page, browser = f"/point-tasks/{row.id}", browser_of("赵岚")
    assert 'name="item"' not in browser.get(page).text
    assert browser.submit(page, f"{page}/feed-back", note="已电话跟进").status_code == 302
    assert world.row(row.task_id).latest_note == "已电话跟进"


@pytest.mark.parametrize(
    ("name", "buttons"),
    [
        ("王强", ["feed-back", "transfer", "close"]),
        ("孙丽", ["feed-back", "transfer", "close"]),
        ("林敏", ["urge", "send-back"]),
        ("郑大区", []),
    ],
)
def test_the_bar_has_exactly_the_buttons_of_the_rules_table_T40_T53(
    browser_of: Open, world: World, name: str, buttons: list[str]
) -> None:
    page = tight(browser_of(name).get(f"/point-tasks/{world.point_task().id}").text)
    foot = page.split('class="foot"')[1].split("<dialog")[0] if 'class="foot"' in page else ""
    assert re.findall(r'<(?:a|button) class="btn[^>]*data-testid="([\w-]+)"', foot) == buttons


def test_transferring_offers_colleagues_of_the_same_region_only_T48(browser_of: Open, world: World) -> None:
    row = world.point_task()
    page, browser = f"/point-tasks/{row.id}", browser_of("王强")
    text = browser.get(page).text
    assert 'data-testid="to-lijing"' in text
    assert "to-shenhai" not in text
    browser.submit(page, f"{page}/transfer", to=str(world.by_name["李静"]), reason="出差")
    assert world.row(row.task_id).implementer_id == world.by_name["李静"]


def test_transferring_outside_the_region_by_hand_is_refused_on_the_sheet_T48(
    browser_of: Open, world: World
) -> None:
    page = f"/point-tasks/{world.point_task().id}"
    answer = browser_of("王强").submit(page, f"{page}/transfer", to=str(world.by_name["沈海"]), reason="出差")
    assert answer.status_code == 422
    assert "只能转派给本大区人员" in answer.text
    assert "出差</textarea>" in answer.text
    assert re.search(r'<dialog class="sheet" id="transfer"[^>]* open', answer.text)


def test_sending_back_shows_the_implementer_why_T57(browser_of: Open, world: World) -> None:
    row = world.closed_point_task()
    page, browser = f"/point-tasks/{row.id}", browser_of("林敏")
    sheet = tight(browser.get(page).text).split('id="send_back"')[1].split("</dialog>")[0]
    fields = re.findall(r'for="(\w+)">([^<]+)<(?:i>选填</i><)?/label><textarea[^>]* name="(\w+)"', sheet)
    words = [("reason", "打回原因"), ("impact", "影响范围"), ("repair", "修复情况")]
    assert fields == [(key, name, key) for key, name in words]
    filled = {"reason": "抽查不合格", "impact": "全区", "repair": "已联系厂家"}
    browser.submit(page, f"{page}/send-back", item=str(row.items[0].id), **filled)
    shown = browser_of("王强").get(page).text.split('data-testid="sent-back"')[1].split("</section>")[0]
    assert [text for _, text in re.findall(r"<b>([^<]+)</b>([^<]+)", shown)] == list(filled.values())


def test_every_done_item_is_ticked_in_the_sheet_for_sending_back_Q4(browser_of: Open, world: World) -> None:
    row = world.row(world.upgrade("130102"))
    world.close(row)
    page = browser_of("林敏").get(f"/point-tasks/{row.id}").text
    sheet = page.split('<dialog class="sheet" id="send_back"')[1]
    boxes = re.findall(r'<input type="checkbox" name="item" value="(\d+)"[^>]*?( checked)?>', sheet)
    assert boxes == [(str(item.id), " checked") for item in row.items]


@pytest.mark.parametrize(
    ("name", "acts"),
    [
        ("林敏", ["details", "urge", "send_back"]),
        ("周总", ["details", "urge", "send_back"]),
        ("王强", ["feed_back", "transfer", "close"]),
        ("赵岚", ["feed_back", "transfer", "close"]),
        ("郑大区", []),
    ],
)
def test_the_title_opens_the_row_for_everyone_and_details_is_a_button_of_those_who_manage_Q51(
    browser_of: Open, world: World, name: str, acts: list[str]
) -> None:
    row = world.point_task()
    browser = browser_of(name)
    rows = tight(browser.get(f"/tasks/{row.task_id}").text).split('<li class="row"')
    line = rows[1].split("</li>")[0]
    title = re.search(r'<a class="row-place" href="([^"]+)"><b>长安区</b>', line)
    assert title is not None
    assert "长安区" in browser.get(title[1]).text
    assert re.findall(r"\?act=(\w+)", line) == acts


def test_what_is_repaired_and_how_often_it_was_transferred_stands_in_the_row_Q5_Q31(
    browser_of: Open, world: World
) -> None:
    row = world.closed_point_task()
    page, why = f"/point-tasks/{row.id}", {"reason": "抽查不合格", "impact": "全区"}
    browser_of("林敏").submit(page, f"{page}/send-back", item=str(row.items[0].id), **why)
    browser = browser_of("王强")
    assert '<label for="note">修复情况</label>' in browser.get(page).text
    browser.submit(page, f"{page}/transfer", to=str(world.by_name["李静"]))
    assert "已转派 1 次" in browser.get(page).text


def test_the_publisher_urges_and_revokes_a_whole_task(browser_of: Open, world: World) -> None:
    task_id = world.published("130102", "130105")
    page, browser = f"/tasks/{task_id}", browser_of("林敏")
    browser.submit(f"{page}/urge", f"{page}/urge")
    assert "已催办 4 人，每人一条提醒" in browser.get(page).text
    browser.submit(page, f"{page}/revoke", reason="事件已解除")
    text = browser.get(page).text
    assert "已撤销 2 个点位的任务" in text
    assert text.count('data-testid="label">已撤销<') == 2


def test_editing_starts_from_what_was_published_T11(browser_of: Open, world: World) -> None:
    task_id = world.published("130102")
    page, browser = f"/tasks/{task_id}/edit", browser_of("林敏")
    assert 'value="130102"' in browser.get(page).text
    fields = PUBLISH | {"places": "130102,130105", "note": "改了说明"}
    assert browser.submit(page, page, **fields).status_code == 302
    assert world.row(task_id, "130105").task.note == "改了说明"


def test_the_to_do_page_puts_overdue_first_T75(browser_of: Open, world: World, told_time: ToldTime) -> None:
    world.published("130102")
    told_time.pass_(hours=10)
    world.published("130104")
    text = browser_of("王强").get("/").text
    assert re.findall(r'data-testid="count-(\w+)">(\d)', text) == [
        ("overdue", "1"),
        ("today", "0"),
        ("week", "1"),
        ("later", "0"),
    ]
    assert text.index("长安区") < text.index("桥西区")


def test_a_phone_gets_the_rows_without_the_tree_beside_them(browser_of: Open, world: World) -> None:
    task_id = world.published("130102")
    browser = browser_of("林敏")

    assert f"node-{task_id}" not in browser.get(f"/tasks/{task_id}").text
    assert f"node-{task_id}" in browser.get("/tasks").text
    alone = browser.get(f"/tasks/tree?open={task_id}").text
    assert re.search(rf'node-{task_id}" aria-current="page"', alone)
    assert '<li class="row"' not in alone


def test_the_tree_names_its_nodes_as_the_field_does_T10(browser_of: Open, world: World) -> None:
    task_id = world.published("130102")
    assert "<span>发布-应急事件-2026-11-23 09:00-未完成<" in browser_of("林敏").get("/tasks").text
    mine = browser_of("王强").get("/tasks").text
    assert f'href="/tasks/{task_id}?mine=1"' in mine
    assert "实施-应急事件-2026-11-23 09:00-未完成" in mine


def test_more_rows_come_page_by_page_without_a_gap(app: Flask, browser_of: Open, world: World) -> None:
    task_id = world.published("130102")
    copy_row(world.row(task_id), times=119)
    browser, seen, path = browser_of("周总"), [], "/tasks/rows?task="
    for _ in range(3):
        text = browser.get(path).text
        seen += [int(n) for n in re.findall(r' id="row-(\d+)"', text)]
        more = re.search(r'hx-get="([^"]+)"', text)
        path = more[1].replace("&amp;", "&") if more else ""
    assert path == ""
    assert "已经到底了" in text
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 120


@pytest.mark.parametrize(("path", "most"), [("/tasks", 6), ("/tasks/rows", 3)])
@pytest.mark.proves("B-L3")
def test_a_list_costs_few_statements_whatever_its_length(
    app: Flask, browser_of: Open, world: World, path: str, most: int
) -> None:
    task_id = world.published("130102", "130104")
    copy_row(world.row(task_id), times=60)
    browser, statements = browser_of("赵岚"), []
    browser.get(path)

    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    text = browser.get(path).text
    event.remove(db.engine, "before_cursor_execute", count)
    assert text.count('<li class="row"') == 50
    assert len(statements) <= most, "\n".join(statements)


@pytest.mark.proves("B-W1")
def test_a_list_of_fifty_stays_within_eight_kilobytes(browser_of: Open, world: World) -> None:
    """What a phone loads on a slow line (B-W1)."""
    copy_row(world.row(world.published("130102")), times=60)
    assert len(gzip.compress(browser_of("赵岚").get("/tasks").data)) <= 8 * 1024


def test_messages_repeat_what_wecom_said_until_they_were_seen(browser_of: Open, world: World) -> None:
    world.published("130102")
    browser = browser_of("王强")
    text = browser.get("/messages").text
    assert "【任务发布】：王强有一条紧急的应急事件任务" in text
    assert browser.get("/messages/unread").json == {"unread": 1}
    browser.submit("/messages", "/messages/read")
    assert browser.get("/messages/unread").json == {"unread": 0}


def test_reading_my_messages_leaves_those_of_others_unread(browser_of: Open, world: World) -> None:
    world.published("130102")
    browser_of("王强").submit("/messages", "/messages/read", up_to="2147483647")
    unread = session().execute(sa.select(sa.func.count()).where(Delivery.read_at.is_(None))).scalar_one()
    assert unread == 2


def test_the_picker_is_kept_by_the_browser_until_something_changes(browser_of: Open, world: World) -> None:
    browser = browser_of("林敏")
    for path, part in (
        ("/places/picker.json", "河北省 石家庄市 长安区"),
        ("/places/staffing.json", "130102"),
    ):
        answer = browser.get(path, headers={"Accept-Encoding": "gzip"})
        assert part in gzip.decompress(answer.data).decode()
        again = browser.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    address = re.search(r'data-places="([^"]+)"', browser.get("/tasks/new").text)
    assert address is not None
    for_ever = browser.get(address[1]).headers["Cache-Control"]
    assert for_ever == "public, max-age=31536000, immutable"
    assert browser.get("/places/picker.json?v=old").headers["Cache-Control"] == "private, no-cache"
    with transaction() as current:
        current.execute(sa.text("DELETE FROM support_area WHERE place_code = '130102'"))
    assert "130102" not in browser.get("/places/staffing.json", headers={"If-None-Match": "x"}).json


def test_the_look_is_remembered_without_a_session(client: Visitor, browser_of: Open) -> None:
    browser = browser_of("王强")
    browser.submit("/me", "/me/look", theme="dark", size="huge", care="1")
    page = tight(browser.get("/me").text)
    assert 'data-weui-theme="dark" class="care ' in page
    assert 'data-size="huge"' in page
    browser.visitor.set_cookie("fwrw_look", '"><script>.x')
    assert 'data-size="normal"' in browser.get("/me").text


def copy_row(row: PointTask, *, times: int) -> None:
    """More rows like this one, each of a task of its own."""
    columns = [c.key for c in PointTask.__table__.c if c.key not in ("id", "task_id")]
    with transaction() as current:
        first = current.get_one(Task, row.task_id)
        values = {c.key: getattr(first, c.key) for c in Task.__table__.c if c.key != "id"}
        for _ in range(times):
            task = Task(**values)
            current.add(task)
            current.flush()
            current.add(PointTask(task_id=task.id, **{name: getattr(row, name) for name in columns}))
