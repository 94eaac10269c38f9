"""A kind of work that is listed in the table of kinds is in all places where people meet work, by nothing else."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from app import clock
from app.api import endpoints, openapi
from app.db import db, session, transaction
from app.errors import Conflict, NotAllowed, NotFound
from app.insight import audit, files, kinds, ledger, samples, search, timeline
from app.insight.to_do import to_do
from app.notices.ledger import inbox
from app.notices.ledger.lines import Asked
from app.notices.ledger.lines import page as ledger_page
from app.notices.models import Amendment, Delivery
from app.notices.wordings import catalogue
from app.notices.wordings import files as texts
from app.settings import Settings
from app.work import api_tokens, attachments, seen
from callbacks import events
from scheduler import jobs
from tests.h5.conftest import Open
from tests.insight import errand
from tests.insight.errand import acts, api, face
from tests.insight.errand import clock as by_itself
from tests.insight.errand.models import KIND, Apart, Errand
from tests.insight.errand.telling import ASK, DELIVER, LATE, URGE
from tests.told_time import ToldTime
from tests.work.files import PDF, photo, upload
from tests.world import World

WHAT = "送合同到门卫室"


@pytest.fixture
def also_errands(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The house with one kind more: its line in the table, its file of texts, its own table."""
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, face.ERRANDS))
    monkeypatch.setattr(texts, "FOLDERS", [*texts.FOLDERS, Path(errand.__file__).parent])
    forget_texts()
    Apart.metadata.create_all(db.engine)
    session().rollback()  # what was read before knows nothing of the table
    yield
    monkeypatch.undo()
    forget_texts()


def forget_texts() -> None:
    for kept in (texts.read, catalogue.wordings, catalogue._pattern, catalogue.compiled):
        kept.cache_clear()


@pytest.fixture
def asked(world: World, also_errands: None) -> int:
    """林敏 asks 王强 to run; he has a task to do as well, due later."""
    world.published("130102")
    due = clock.now() + timedelta(hours=1)
    return acts.ask(WHAT, by=world.person("林敏"), runner=world.person("王强"), due_at=due)


def press(world: World, errand_id: int) -> str:
    """王强 presses 送到 on the card, as WeCom reports it."""
    card = session().execute(sa.select(Delivery).where(Delivery.act == ASK)).scalar_one()
    fields = {"EventKey": f"{DELIVER}:{errand_id}", "TaskId": card.uid, "ResponseCode": "a-code"}
    return events.press(
        SimpleNamespace(userid="wangqiang", fields=fields, key="k" * 64, name="template_card_event")
    )


def test_it_waits_in_the_to_do_list_among_the_others_by_deadline(world: World, asked: int) -> None:
    found = to_do(world.person("王强"))

    assert [one.title for one in found.today] == [WHAT, "应急事件 · 长安区"]
    assert found.total == 2


def test_the_page_of_the_to_do_list_shows_it(world: World, asked: int, browser_of: Open) -> None:
    page = browser_of("王强").get("/").text

    assert f'href="/errands/{asked}"' in page
    assert WHAT in page


def test_it_is_told_in_its_own_words_and_stands_in_the_messages(world: World, asked: int) -> None:
    assert world.texts("王强")[-1] == "【跑腿提醒】：请送合同到门卫室，办完请点“送到”。"
    assert inbox.acts_told(world.person("王强")) == {"publish": 1, "errand.ask": 1}
    only = inbox.messages_page(world.person("王强"), act="errand.ask").messages
    assert [message.title for message in only] == [WHAT]


def test_its_button_on_the_card_acts_once_and_the_card_says_so(world: World, asked: int) -> None:
    assert press(world, asked) == "已送到"
    assert press(world, asked) == "重复的点击，未再处理"

    session().rollback()
    assert to_do(world.person("王强")).total == 1
    assert world.texts("林敏")[-1] == "【跑腿送到】：送合同到门卫室已办完。"
    said = session().execute(sa.select(Amendment.words, Amendment.grey)).one()
    assert tuple(said) == ("送合同到门卫室：已送到", "已送到")


def test_what_happened_to_it_is_told_in_its_words(world: World, asked: int) -> None:
    press(world, asked)

    entries = timeline.of(("errand", asked))
    assert {(one.name, one.by) for one in entries} == {("请人跑腿", "林敏"), ("送到", "王强")}
    assert [("内容", WHAT)] in [one.said for one in entries]
    [line] = audit.page(audit.Asked(act=DELIVER)).lines
    assert (line.act, line.subject, line.link, line.changed) == (
        "送到",
        WHAT,
        f"/errands/{asked}",
        ["送到：否→是"],
    )
    assert audit.groups()["跑腿"] == dict(face.ERRANDS.acts)


def test_its_messages_are_in_the_ledger_and_mended_by_who_asked(world: World, asked: int) -> None:
    lines = ledger_page(ledger.mended_by(world.person("林敏")), Asked()).lines
    of_it = [line for line in lines if line.subject_kind == "errand"]

    assert [ledger.named(lines)[line.id] for line in of_it] == [f"跑腿 {asked}"]
    others = ledger_page(ledger.mended_by(world.person("何主任")), Asked()).lines
    assert [line for line in others if line.subject_kind == "errand"] == []


def test_it_is_found_by_those_it_concerns(world: World, asked: int) -> None:
    assert [hit.title for hit in search.found(world.person("王强"), "合同")] == [WHAT]
    assert search.found(world.person("李静"), "合同") == []
    assert [hit.title for hit in search.found(world.person("王强"), "长安")] == ["应急事件 · 长安区"]


def test_it_goes_into_a_file(world: World, asked: int) -> None:
    with face.export_all(world.person("林敏")).file as file:
        sheet = openpyxl.load_workbook(file)["数据"]
        assert [row[0].value for row in sheet.iter_rows()] == ["内容", WHAT]


def test_who_may_see_it_is_worked_out_from_its_columns(world: World, asked: int) -> None:
    may_see = kinds.subject(KIND).may_see

    for name in ("王强", "林敏", "周总"):  # who runs, who asked, and who heads the company
        assert may_see(world.person(name), asked)
    for name in ("李静", "何主任", "陌生人"):
        with pytest.raises(NotFound):
            may_see(world.person(name), asked)


def test_who_may_see_it_may_see_its_files_and_who_brought_one_takes_it_back(
    world: World, asked: int, browser_of: Open
) -> None:
    acts.add_files(asked, by=world.person("王强"), files=[upload(photo()), upload(PDF, "收据.pdf")])
    first, second = (file.uid for file in attachments.of(KIND, asked))

    assert browser_of("林敏").get(f"/attachments/{first}").status_code == 200
    assert browser_of("李静").get(f"/attachments/{first}").status_code == 404
    with pytest.raises(NotAllowed, match="只有跑腿的人"):
        files.take_back(first, by=world.person("林敏"))
    with pytest.raises(NotFound):
        files.take_back(first, by=world.person("李静"))
    assert files.take_back(first, by=world.person("王强")) == f"/errands/{asked}"
    assert [one.name for one in attachments.of(KIND, asked)] == ["收据.pdf"]
    [taken] = [one for one in timeline.of((KIND, asked)) if one.act == attachments.TAKE_BACK]
    assert (taken.name, taken.changed) == ("撤回附件", ["撤回附件：现场.jpg"])

    press(world, asked)
    with pytest.raises(Conflict, match="已经送到了"):
        files.take_back(second, by=world.person("王强"))


def test_the_clock_speaks_of_it_before_its_time_and_marks_it_after(
    world: World, asked: int, told_time: ToldTime
) -> None:
    assert by_itself.scan() == 0

    told_time.pass_(minutes=60)
    assert (by_itself.scan(), by_itself.scan()) == (1, 0)
    assert [one.title for one in to_do(world.person("王强")).overdue] == [WHAT]
    told_time.pass_(hours=8)
    later = acts.ask("取快递", by=world.person("林敏"), runner=world.person("王强"), due_at=in_(minutes=90))
    told_time.pass_(minutes=31)
    assert by_itself.scan() == 1

    entries = [one.name for one in timeline.of((KIND, asked), (KIND, later)) if one.by == "系统"]
    assert entries == ["跑腿快到时间", "跑腿超时"]
    assert world.texts("王强")[-2:] == [
        "【跑腿提醒】：请取快递，办完请点“送到”。",
        "【跑腿提醒】：取快递快到时间了。",
    ]


def test_one_that_the_clock_cannot_do_is_put_off_and_the_others_go_on(
    world: World, asked: int, told_time: ToldTime
) -> None:
    others = [
        acts.ask(f"送第 {n} 份", by=world.person("林敏"), runner=world.person("李静"), due_at=in_(hours=1))
        for n in range(4)
    ]
    with transaction() as current:
        current.get_one(Errand, others[1]).runner_id = 0  # nobody
    told_time.pass_(hours=1)

    assert by_itself.scan() == 4
    session().rollback()
    late = {row.id for row in session().execute(sa.select(Errand)).scalars() if row.late_at}
    assert late == {asked, *others} - {others[1]}
    assert session().get(Errand, others[1]).next_look_at == in_(hours=1)


def test_its_scan_is_among_the_jobs_of_the_clock(
    settings: Settings, world: World, also_errands: None
) -> None:
    [job] = [one for one in jobs.table(settings, gateway=None, stop=Event()) if one.name == "errands"]

    assert (job.run(), job.needs_lease) == (0, True)


def test_it_is_urged_with_the_manners_of_the_house(world: World, asked: int, told_time: ToldTime) -> None:
    acts.urge(asked, by=world.person("林敏"))
    told_time.pass_(minutes=29)

    with pytest.raises(Conflict, match="催办 0 人：王强 09:00 刚催办过，30 分钟内不重复催办。"):
        acts.urge(asked, by=world.person("林敏"))
    told_time.pass_(minutes=1)
    acts.urge(asked, by=world.person("林敏"))

    assert world.queued().count(("王强", f"{URGE}.runner")) == 2
    with pytest.raises(NotAllowed, match="只有请人的人可以催办。"):
        acts.urge(asked, by=world.person("王强"))


def test_its_messages_are_taken_back_where_its_work_is_gone(world: World, asked: int) -> None:
    acts.call_off(asked, by=world.person("林敏"))

    assert to_do(world.person("王强")).total == 1
    gone = inbox.messages_page(world.person("王强"), act=ASK)
    assert gone.messages == []  # it had not been sent yet
    assert world.texts("王强")[-1] == "【跑腿取消】：不用送合同到门卫室了。"


def test_it_is_known_who_pressed_its_card(world: World, asked: int) -> None:
    press(world, asked)

    assert list(seen.of(KIND, asked)) == [world.by_name["王强"]]


def test_its_texts_are_tried_on_it(world: World, asked: int, browser_of: Open) -> None:
    wording = catalogue.wordings()[f"{LATE}.runner"]

    assert samples.latest(wording.key) == [(asked, WHAT)]
    tried = samples.sample(wording, asked)
    assert (tried.who, tried.text) == ("王强", "【跑腿超时】：送合同到门卫室已过时间，请尽快。")
    assert "请尽快送合同到门卫室" in browser_of("何志远").get(f"/admin/wordings/{URGE}.runner").text


def test_other_systems_read_it_with_a_token_for_it(
    app: Flask, world: World, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "ENDPOINTS", served := [])
    api.attach(app)
    allowed, other = (token_for(world, scope) for scope in (api.READ_ERRANDS, "read_tasks"))

    assert call(app, asked, allowed).json == {"id": asked, "what": WHAT}
    refused = call(app, asked, other)
    assert (refused.status_code, "没有“读取跑腿”的权限" in refused.json["message"]) == (403, True)
    described = openapi.document(served)["paths"]["/api/v1/errands/{errand_id}"]["get"]
    assert described["description"] == "需要权限：读取跑腿"


def token_for(world: World, scope: str) -> str:
    return api_tokens.create(
        "数据平台",
        by=world.person("何志远"),
        scopes=[scope],
        offered=kinds.scopes(),
        region_id=None,
        form_key=world.key(),
    )


def call(app: Flask, errand_id: int, token: str) -> TestResponse:
    path, shown = f"/api/v1/errands/{errand_id}", {"Authorization": f"Bearer {token}"}
    return app.test_client().get(path, headers=shown)


def test_a_token_for_it_is_made_on_the_page(world: World, asked: int, browser_of: Open) -> None:
    assert "读取跑腿" in browser_of("何志远").get("/admin/tokens").text


def in_(**duration: float) -> datetime:
    return clock.now() + timedelta(**duration)
