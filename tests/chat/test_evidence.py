"""谁看到了: a press, an open page, a feedback; the first time of each, and nothing from looking on."""

from app.db import session
from app.tasks.managing import supervise, who_saw
from app.work import seen
from tests.chat.rig import Chat
from tests.h5.conftest import Browser
from tests.world import World


def stages(task_id: int) -> dict[str, str]:
    session().rollback()
    return {one.name: one.stage for one in who_saw.seen_of(task_id)}


def test_people_are_known_to_have_seen_it_by_what_they_do(chat: Chat, world: World, browser_of):
    task_id = world.published("130102", "130105")
    rows = {code: world.row(task_id, code) for code in ("130102", "130105")}
    chat.deliver()
    assert stages(task_id) == {"王强": "未见", "李静": "未见"}
    assert who_saw.unseen(task_id) == 2

    chat.press("wangqiang")
    browser_of("李静").get(f"/point-tasks/{rows['130105'].id}")
    assert stages(task_id) == {"王强": "已点卡片", "李静": "已打开"}

    world.feed_back(rows["130105"], by="李静")
    assert stages(task_id)["李静"] == "已反馈"
    assert who_saw.unseen(task_id) == 0


def test_only_the_first_time_is_kept_and_only_of_the_rows_own_people(chat: Chat, world: World, browser_of):
    row = world.point_task()
    page = f"/point-tasks/{row.id}"
    browser_of("林敏").get(page)
    assert seen.of("point_task", row.id) == {}

    first = chat.time.moment
    for name in ("王强", "王强", "赵岚"):
        assert browser_of(name).get(page).status_code == 200
        chat.later(minutes=5)

    session().rollback()
    opened = {one.person_id: one.opened_at for one in seen.of("point_task", row.id).values()}
    assert opened[world.by_name["王强"]] == first
    assert set(opened) == {world.by_name["王强"], world.by_name["赵岚"]}


def test_opening_the_list_is_seeing_every_row_of_ones_own_in_it(world: World, browser_of):
    task_id = world.published("130102", "130104", "130105")
    browser_of("王强").get(f"/tasks/{task_id}?mine=1")

    assert stages(task_id) == {"李静": "未见", "王强": "已打开"}


def test_the_publisher_reads_who_has_not_seen_it_and_who_has_when(chat: Chat, world: World, browser_of):
    task_id = world.published("130102", "130105")
    browser_of("王强").get(f"/point-tasks/{world.row(task_id).id}")
    publisher: Browser = browser_of("林敏")

    assert "未见 1 人" in publisher.get(f"/tasks/{task_id}").text
    page = publisher.get(f"/tasks/{task_id}/seen").text
    assert page.index("李静") < page.index("王强")
    assert "已打开 2026-11-23 09:00" in page
    assert "已打开 2026-11-23 09:00" in publisher.get(f"/point-tasks/{world.row(task_id).id}").text


def test_after_a_revoke_the_page_tells_per_person_how_far_it_could_be_taken_back(
    chat: Chat,
    world: World,
    browser_of,
):
    task_id = world.published("130105")
    chat.deliver()
    chat.later(hours=30)
    chat.fails("60140", "message/update_template_card")
    supervise.revoke(task_id, by=world.person("林敏"), reason="误发", seen_version=None, form_key=world.key())
    publisher: Browser = browser_of("林敏")
    assert publisher.get(f"/tasks/{task_id}/seen").text.count("正在处理") == 3

    chat.deliver()

    page = publisher.get(f"/tasks/{task_id}/seen").text
    assert page.count("卡片已改为失效") == 2
    assert page.count("无法撤回，只另发了通知") == 1


def test_the_page_of_a_row_tells_what_its_former_implementer_still_holds(
    chat: Chat, world: World, browser_of
):
    row = world.point_task()
    chat.deliver()
    world.transfer(row.id, by="赵岚")
    chat.deliver()

    page = browser_of("林敏").get(f"/point-tasks/{row.id}").text
    former = page[page.index("原实施人") :]
    assert former.index("王强") < former.index("消息已撤回")
    assert page.count("消息已撤回") == 1


def test_the_list_of_who_has_not_seen_it_leads_to_urging_them_and_the_page_offers_it(
    world: World, browser_of
):
    task_id = world.published("130105", "310101")
    publisher = browser_of("林敏")
    assert (
        "只催未见的" not in publisher.get(f"/tasks/{task_id}/urge").text
    )  # nobody has seen it: the same as all
    browser_of("李静").get(f"/point-tasks/{world.row(task_id, '130105').id}")

    assert f"/tasks/{task_id}/urge?whom=unseen" in publisher.get(f"/tasks/{task_id}/seen").text
    page = publisher.get(f"/tasks/{task_id}/urge?whom=unseen").text
    assert "1 人还没看到" in page
    assert 'data-testid="whom-unseen" checked' in page
