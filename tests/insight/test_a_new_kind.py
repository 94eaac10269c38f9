"""A kind of work that is listed in the table of kinds is in all places where people meet work, by nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import sqlalchemy as sa

from app import clock
from app.db import db, session
from app.errors import NotFound
from app.insight import audit, kinds, ledger, search, timeline
from app.insight.to_do import to_do
from app.notices.ledger import inbox
from app.notices.ledger.lines import Asked
from app.notices.ledger.lines import page as ledger_page
from app.notices.models import Amendment, Delivery
from app.notices.wordings import catalogue, files
from callbacks import events
from tests.h5.conftest import Open
from tests.insight import errand
from tests.insight.errand import errands
from tests.world import World

WHAT = "送合同到门卫室"


@pytest.fixture
def also_errands(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The house with one kind more: its line in the table, its file of texts, its own table."""
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, errands.ERRANDS))
    monkeypatch.setattr(files, "FOLDERS", [*files.FOLDERS, Path(errand.__file__).parent])
    forget_texts()
    errands.Apart.metadata.create_all(db.engine)
    yield
    monkeypatch.undo()
    forget_texts()


def forget_texts() -> None:
    for kept in (files.read, catalogue.wordings, catalogue._pattern, catalogue.compiled):
        kept.cache_clear()


@pytest.fixture
def asked(world: World, also_errands: None) -> int:
    """林敏 asks 王强 to run; he has a task to do as well, due later."""
    world.published("130102")
    due = clock.now() + timedelta(hours=1)
    return errands.ask(WHAT, by=world.person("林敏"), runner=world.person("王强"), due_at=due)


def press(world: World, errand_id: int) -> str:
    """王强 presses 送到 on the card, as WeCom reports it."""
    card = session().execute(sa.select(Delivery).where(Delivery.act == errands.ASK)).scalar_one()
    fields = {"EventKey": f"{errands.DELIVER}:{errand_id}", "TaskId": card.uid, "ResponseCode": "a-code"}
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
    [line] = audit.page(audit.Asked(act=errands.DELIVER)).lines
    assert (line.act, line.subject, line.link, line.changed) == (
        "送到",
        WHAT,
        f"/errands/{asked}",
        ["送到：否→是"],
    )
    assert audit.groups()["跑腿"] == dict(errands.ERRANDS.acts)


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
    with errands.export_all(world.person("林敏")).file as file:
        sheet = openpyxl.load_workbook(file)["数据"]
        assert [row[0].value for row in sheet.iter_rows()] == ["内容", WHAT]


def test_who_may_see_it_may_see_its_files(world: World, asked: int) -> None:
    subject = kinds.subject("errand")
    assert subject is not None
    assert subject.may_see is not None
    assert subject.may_see(world.person("王强"), asked)
    with pytest.raises(NotFound):
        subject.may_see(world.person("李静"), asked)
