"""发布 and 暂存."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.db import session, transaction
from app.errors import BadInput, NotAllowed
from app.notices.models import Delivery, Outcome
from app.notices.queue import outbox
from app.people.models import Person, SupportArea
from app.tasks.models import PointTask, Task, TaskCount, TaskItem
from app.tasks.publishing import drafts, foreseen, publish
from app.tasks.publishing import preview as previewing


def count(kind):
    session().rollback()
    return session().execute(sa.select(sa.func.count()).select_from(kind)).scalar_one()


def test_every_chosen_place_gets_one_row_with_its_people_T05_T31(world):
    task_id = world.published("130102", "130104", "310101")

    row = world.row(task_id, "130102")
    assert (row.implementer.name, row.supervisor.name, row.service_manager.name) == ("王强", "赵岚", "孙丽")
    assert (row.province_code, row.city_code, row.label) == ("130000", "130100", "正常")
    assert [(item.name, item.state) for item in row.items] == [("应急事件", 0)]
    assert count(PointTask) == 3


def test_implementers_and_copied_in_read_their_texts_word_for_word_T62_T63(world, told_time):
    told_time.at("2026-11-23 09:00")
    world.published("130102")

    assert world.texts("王强") == [
        "【任务发布】：王强有一条紧急的应急事件任务，请于2026-11-23 18:00前完成并在长天长平台上的待办任务中办结任务。"
    ]
    expected = ["【任务发布】：服务运营部发布一条紧急的应急事件任务，请及时跟进监督。"]
    assert world.texts("赵岚") == world.texts("孙丽") == expected


def test_supervisor_and_service_manager_of_the_place_are_copied_in_and_no_region_manager_Q23(world):
    task_id = world.published("130102", "310101")

    row, shanghai = world.row(task_id), world.row(task_id, "310101")
    assert (row.supervisor.name, row.service_manager.name) == ("赵岚", "孙丽")
    assert (shanghai.supervisor.name, shanghai.service_manager) == ("顾东", None)
    told = {name for name, wording in world.queued() if wording == "publish.copied_in"}
    assert told == {"赵岚", "孙丽", "顾东"}


def test_another_department_publishes_under_its_own_name_Q38(world):
    world.published("130102", by="何主任")

    assert world.texts("赵岚")[0].startswith("【任务发布】：数据中心发布一条")


def test_everyone_is_told_in_one_message_however_many_points_are_theirs_T36_Q41(world):
    world.published("130102", "130104", "130105", "310101")

    assert sorted(world.queued()) == [
        ("孙丽", "publish.copied_in"),
        ("李静", "publish.implementer"),
        ("沈海", "publish.implementer"),
        ("王强", "publish.implementer"),
        ("赵岚", "publish.copied_in"),
        ("顾东", "publish.copied_in"),
    ]
    query = sa.select(Delivery.body).where(Delivery.recipient_id == world.by_name["王强"])
    card = json.loads(session().execute(query).scalar_one())["template_card"]
    assert card["main_title"]["desc"] == "长安区、桥西区"


def test_the_card_names_the_points_and_opens_the_row_after_login_T75(world):
    row = world.row(world.published("130105"), "130105")
    query = sa.select(Delivery).where(Delivery.recipient_id == world.by_name["李静"])
    delivery = session().execute(query).scalar_one()

    body = json.loads(delivery.body)
    card = body["template_card"]
    assert body["touser"] == "lijing"
    assert card["task_id"] == delivery.uid
    assert card["sub_title_text"] == delivery.text
    assert card["main_title"]["desc"] == "新华区"
    url = f"http://127.0.0.1:8000/login?inside=1&next=/point-tasks/{row.id}&m={delivery.uid}"
    assert card["card_action"]["url"] == url


def test_a_repeated_tap_gives_the_same_task_and_tells_nobody_twice(world):
    by, key = world.person("林敏"), world.key()
    first = publish.publish(world.form("130102"), by=by, form_key=key)
    second = publish.publish(world.form("130102"), by=world.person("林敏"), form_key=key)

    assert first == second
    assert (count(Task), count(PointTask), count(Delivery)) == (1, 1, 3)


def test_places_without_implementer_stop_the_publish_and_are_named_Q35(world):
    with pytest.raises(BadInput) as refused:
        world.published("130102", "130107")

    assert "井陉矿区" in refused.value.fields["places"]
    assert "去掉这 1 个点位" in refused.value.fields["places"]
    assert (count(Task), count(Delivery)) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "游戏"}, "type"),
        ({"type": "升级任务"}, "patch"),
        ({"urgency": ""}, "urgency"),
        ({"due_at": None}, "due_at"),
        ({"place_codes": ("",)}, "places"),
        ({"place_codes": ("130100",)}, "places"),
        ({"place_codes": ("999999",)}, "places"),
        ({"note": "很" * 2001}, "note"),
    ],
)
def test_each_mistake_is_named_at_its_field_and_nothing_is_kept(world, changes, field):
    with pytest.raises(BadInput) as refused:
        world.published("130102", **changes)

    assert list(refused.value.fields) == [field]
    assert count(Task) == 0


def test_a_deadline_in_the_past_is_refused_T34(world):
    with pytest.raises(BadInput) as refused:
        world.published("130102", due_at=clock.now() - timedelta(hours=1))

    assert "已过" in refused.value.fields["due_at"]


@pytest.mark.parametrize("name", ["王强", "赵岚", "郑大区", "陌生人"])
def test_people_without_the_right_cannot_publish(world, name):
    with pytest.raises(NotAllowed):
        world.published("130102", by=name)


def test_a_draft_keeps_what_was_filled_in_and_tells_nobody_T38(world):
    form = world.form("130102", "130104", type="", due_at=None)
    draft_id = drafts.save_draft(form, by=world.person("林敏"), form_key=world.key())

    draft = session().get_one(Task, draft_id)
    assert (draft.urgency, draft.draft_places, draft.published_at) == ("紧急", "130102,130104", None)
    assert count(Delivery) == 0


def test_publishing_a_draft_turns_it_into_the_task(world):
    draft_id = drafts.save_draft(world.form(), by=world.person("林敏"), form_key=world.key())

    task_id = publish.publish(
        world.form("130104"), by=world.person("林敏"), form_key=world.key(), draft_id=draft_id
    )

    assert task_id == draft_id
    assert world.row(task_id, "130104").label == "正常"
    assert count(Task) == 1


def test_the_summary_counts_rows_by_region_in_the_same_commit(world):
    world.published("130102", "130104", "310101")

    rows = session().execute(sa.select(TaskCount.label, TaskCount.rows).order_by(TaskCount.rows)).all()
    assert [tuple(row) for row in rows] == [("正常", 1), ("正常", 2)]
    assert count(TaskItem) == 3


def preview(world, *codes, **changes):
    return previewing.preview(world.form(*codes, **changes), by=world.person("林敏"))


def test_the_preview_reads_word_for_word_what_will_be_sent_and_writes_nothing_T62_T63(world):
    shown = preview(world, "130102", "130105", "310101")
    assert (count(Task), count(Delivery)) == (0, 0)
    world.published("130102", "130105", "310101")

    first, second = shown.audiences
    assert [first.text] == world.texts(first.names[0])
    assert [second.text] == world.texts(second.names[0])
    assert (first.count, second.count, shown.people, shown.points) == (3, 3, 6, 3)


def test_the_preview_of_a_half_filled_form_shows_the_placeholders(world):
    shown = preview(world, "130102", type="", urgency="", due_at=None)

    assert "【重要紧急程度】的【任务类型】任务，请于【任务要求完成时间】前完成" in shown.audiences[0].text


def test_a_gap_offers_the_colleagues_of_its_region_Q35(world):
    [gap] = preview(world, "130102", "130107").gaps

    assert (gap.code, gap.place, gap.named) == ("130107", "井陉矿区", None)
    assert {person.name for person in gap.others} == {"王强", "李静", "赵岚", "孙丽", "郑大区"}
    assert gap.registered == []


def test_of_several_without_a_main_one_the_publisher_chooses_and_they_come_first_Q35(world):
    with transaction() as current:
        for name in ("王强", "李静"):
            area = {"place_code": "130107", "role": "implementer", "person_id": world.by_name[name]}
            current.add(SupportArea(**area, is_primary=False))

    [gap] = preview(world, "130107").gaps
    assert [person.name for person in gap.registered] == ["李静", "王强"]
    assert {person.name for person in gap.others} == {"赵岚", "孙丽", "郑大区"}
    with pytest.raises(BadInput, match="井陉矿区共 1 个点位没有实施人"):
        world.published("130107")


def test_the_preview_names_the_people_of_every_point_T31(world):
    first, gap = preview(world, "130102", "130107").lines

    assert (first.place, first.implementer, first.supervisor, first.service_manager) == (
        "长安区",
        "王强",
        "赵岚",
        "孙丽",
    )
    assert (gap.place, gap.implementer) == ("井陉矿区", "")


def test_who_has_left_is_named_before_publishing_Q36(world):
    with transaction() as current:
        for name in ("李静", "孙丽"):
            current.get_one(Person, world.by_name[name]).left_at = clock.now()

    assert preview(world, "130102", "130105").warnings == (
        "李静（实施人）已离开通讯录，新华区没有实施人。",
        "孙丽（服务经理）已离开通讯录，长安区、新华区没有服务经理跟进。",
    )


def test_whom_wecom_does_not_reach_is_named_before_publishing_Q36(world):
    world.published("130102", "130105")
    with transaction() as current:
        outcomes = {"王强": Outcome.INVALID_ACCOUNT, "李静": Outcome.ACCEPTED}
        for delivery in current.execute(sa.select(Delivery)).scalars():
            delivery.outcome = outcomes.get(current.get_one(Person, delivery.recipient_id).name, "待发")

    assert preview(world, "130102", "130105").warnings == (
        "王强可能收不到企业微信提醒：上一条通知的结果是“无效账号”，请确认在应用可见范围内。",
    )


def test_somebody_named_for_this_task_fills_the_gap_and_nothing_else_Q35(world):
    named = {"130107": world.by_name["李静"], "130102": world.by_name["李静"]}
    assert preview(world, "130107", named=named).gap_count == 0
    task_id = world.published("130102", "130107", named=named)

    assert world.row(task_id, "130107").implementer.name == "李静"
    assert world.row(task_id, "130102").implementer.name == "王强"
    assert ("李静", "publish.implementer") in world.queued()
    with pytest.raises(BadInput):
        world.published("130107")


@pytest.mark.parametrize("name", ["沈海", "林敏", "离开的人"])
def test_only_an_active_colleague_of_the_region_can_be_named_Q35(world, name):
    gone = world.person("李静")
    gone.left_at = clock.now()
    session().commit()
    named = {"130107": world.by_name.get(name, world.by_name["李静"])}
    with pytest.raises(BadInput) as refused:
        world.published("130107", named=named)

    assert "井陉矿区指定的实施人不在本大区或已离开" in refused.value.fields["places"]
    assert count(Task) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_thousands_of_messages_are_made_before_the_one_write_lock_is_taken(world, monkeypatch):
    real, writing = outbox.prepare, []

    def prepare(current, told):
        writing.append(bool(current.info.get("writing")))
        return real(current, told)

    monkeypatch.setattr(outbox, "prepare", prepare)
    world.published("130102", "130105")

    assert writing == [False]


def test_messages_lead_to_the_right_rows_where_somebody_else_publishes_meanwhile(world, monkeypatch):
    real = foreseen.foresee

    def ahead(*given, **more):
        made = real(*given, **more)
        monkeypatch.setattr(foreseen, "foresee", real)
        world.published("310101")
        return made

    monkeypatch.setattr(foreseen, "foresee", ahead)
    task_id = world.published("130102", "130105")

    told = session().execute(sa.select(Delivery).where(Delivery.subject_id == task_id)).scalars().all()
    links = {row.recipient_id: (row.link, row.about_id) for row in told}
    for name, code in (("王强", "130102"), ("李静", "130105")):
        row_id = world.row(task_id, code).id
        assert links[world.by_name[name]] == (f"/point-tasks/{row_id}", row_id)
    assert all(row.link.encode() in row.body for row in told)
