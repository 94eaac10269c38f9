"""What a refusal says of the facts, in full and briefly; no database is needed."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from app.errors import Conflict, NotAllowed
from app.tasks import lifecycle
from app.tasks.labels import ItemState
from app.tasks.lifecycle import FIELD, LONGEST_NAMES, MANAGING, Act, Facts, Part, TaskFacts
from app.wecom.cards import LONGEST_QUOTE

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
IMPLEMENTER = frozenset({Part.IMPLEMENTER})
REVOKED = "任务已撤销，不能再操作。"
CLOSED = "该点位已办结。"
FROZEN = "该点位暂不升级，没有需要办理的。"


def refused(*names: str, parts: frozenset[Part] = IMPLEMENTER, **facts: bool) -> Conflict | NotAllowed:
    """办结 of a row with these open items."""
    row = Facts(**({"revoked": False, "closed": False} | facts), items_open=len(names), open_names=names)
    with pytest.raises((Conflict, NotAllowed)) as caught:
        lifecycle.require(Act.CLOSE, row, parts)
    return caught.value


def test_both_forms_know_the_same_number_and_names():
    refusal = refused("模块B", "模块C（需回退）")

    assert refusal.short == "还差 2 项：模块B、模块C（需回退）"
    assert str(refusal).startswith("还差 2 项未完成：模块B、模块C（需回退）。请先")


def test_many_names_are_cut_and_the_others_counted():
    refusal = refused(*(f"模块{number:02}" for number in range(40)))

    assert refusal.short.endswith("模块14、模块15，另有 24 项")
    assert "模块39" in str(refusal)


def test_a_name_longer_than_the_room_is_cut_by_itself():
    refusal = refused("长" * 100, "短")

    assert refusal.short == f"还差 2 项：{'长' * 79}…，另有 1 项"
    assert len(refusal.short) < LONGEST_QUOTE


@pytest.mark.parametrize("fact", ["revoked", "closed", "frozen"])
def test_what_has_one_form_says_the_same_twice(fact: str):
    refusal = refused("模块B", **{fact: True})

    assert refusal.short == str(refusal)


def test_who_may_not_close_is_told_so_before_anything_about_the_row():
    refusal = refused("模块B", parts=frozenset({Part.PUBLISHER}))

    sentence = "只有主管、服务经理、实施人可以办结。"
    assert refusal.short == str(refusal) == sentence
    assert lifecycle.why_not(Act.CLOSE, facts(), frozenset({Part.PUBLISHER})) == sentence


def test_names_that_just_fit_are_not_cut():
    first = "长" * (LONGEST_NAMES - 2)

    assert refused(first, "短").short == f"还差 2 项：{first}、短"
    assert refused("长" * LONGEST_NAMES).short == f"还差 1 项：{'长' * LONGEST_NAMES}"
    assert refused(first + "长", "短").short == f"还差 2 项：{first}长，另有 1 项"


def facts(**changed: bool | int | tuple[str, ...]) -> Facts:
    return Facts(**({"revoked": False, "closed": False, "items_open": 0} | changed))  # type: ignore[arg-type]


def task_facts(**changed: bool | int) -> TaskFacts:
    return TaskFacts(**({"revoked": False, "unfinished": 1} | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("act", "row", "sentence"),
    [
        *((act, facts(revoked=True, closed=True), REVOKED) for act in (Act.URGE, Act.FEED_BACK, Act.CLOSE)),
        *((act, facts(closed=True, frozen=True), CLOSED) for act in (Act.URGE, Act.TRANSFER, Act.REASSIGN)),
        *((act, facts(frozen=True), FROZEN) for act in (Act.URGE, Act.FEED_BACK, Act.CLOSE)),
        *((act, facts(), None) for act in (Act.URGE, Act.FEED_BACK, Act.CLOSE, Act.DETAILS)),
        (Act.DETAILS, facts(revoked=True), None),
        (Act.CLOSE, facts(items_open=2), "还差 2 项未完成。请先反馈完成状态为“是”，再办结。"),
        (
            Act.CLOSE,
            facts(items_open=2, open_names=("模块A", "模块B")),
            "还差 2 项未完成：模块A、模块B。请先反馈完成状态为“是”，再办结。",
        ),
        (
            Act.CLOSE,
            facts(items_open=2, open_names=("模块A（需回退）", "模块B")),
            "还差 2 项未完成：模块A（需回退）、模块B。请先反馈完成状态为“是”，需回退的还原后确认，再办结。",
        ),
        (Act.SEND_BACK, facts(revoked=True, closed=True), REVOKED),
        (Act.SEND_BACK, facts(), "该点位尚未办结，不能打回；需要催促时请用催办。"),
        (Act.SEND_BACK, facts(closed=True), None),
    ],
)
def test_what_stands_in_the_way_of_an_act_on_a_row(act: Act, row: Facts, sentence: str | None):
    assert lifecycle.why_not(act, row, frozenset(Part)) == sentence


@pytest.mark.parametrize(
    ("act", "task", "sentence"),
    [
        *(
            (act, task_facts(revoked=True, upgrade=True), REVOKED)
            for act in (Act.EDIT, Act.REVOKE, Act.URGE_ALL, Act.ROLL_BACK, Act.PAUSE_REMINDERS)
        ),
        *(
            (act, task_facts(upgrade=True, left_to_roll_back=True, paused=True), None)
            for act in lifecycle.TASK_RULES
        ),
        (Act.URGE_ALL, task_facts(unfinished=0), "所有点位都已办结，没有需要催办的。"),
        (Act.URGE_ALL, task_facts(unfinished=0, frozen=True), "所有点位都暂不升级，没有需要催办的。"),
        (Act.PAUSE_REMINDERS, task_facts(unfinished=0), "所有点位都已办结，没有会再发的提醒。"),
        (
            Act.PAUSE_REMINDERS,
            task_facts(unfinished=0, frozen=True),
            "所有点位都暂不升级，没有会再发的提醒。",
        ),
        (Act.RESUME_REMINDERS, task_facts(), "提醒没有暂停，不需要恢复。"),
        (Act.ROLL_BACK, task_facts(revoked=True), "升级回退只用于升级任务。"),
        (Act.ROLL_BACK, task_facts(upgrade=True), "所有模块都已回退或暂不升级，没有可以回退的。"),
    ],
)
def test_what_stands_in_the_way_of_an_act_on_a_task(act: Act, task: TaskFacts, sentence: str | None):
    if sentence is None:
        lifecycle.require_task(act, task)
        return
    with pytest.raises(Conflict) as caught:
        lifecycle.require_task(act, task)
    assert str(caught.value) == sentence


def test_people_see_the_buttons_of_their_part():
    assert [act for act, *_ in lifecycle.buttons_for(facts(), FIELD)] == [
        Act.FEED_BACK,
        Act.TRANSFER,
        Act.CLOSE,
    ]
    assert lifecycle.buttons_for(facts(closed=True), MANAGING) == [
        (Act.DETAILS, "详情", None),
        (Act.URGE, "催办", CLOSED),
        (Act.SEND_BACK, "打回", None),
    ]


def test_what_only_some_tasks_know_is_offered_only_there():
    everything = [act for act, *_ in lifecycle.task_buttons_for(task_facts(upgrade=True, paused=True))]
    plain = [act for act, *_ in lifecycle.task_buttons_for(task_facts())]

    assert everything == list(lifecycle.TASK_RULES)
    assert set(everything) - set(plain) == {Act.ROLL_BACK, Act.RESUME_REMINDERS}


def test_the_facts_of_a_row_are_read_from_its_columns():
    row = SimpleNamespace(revoked_at=None, closed_at=None, items_total=3, items_done=1)
    items = [SimpleNamespace(name=f"模块{state}", state=state) for state in ItemState]

    assert lifecycle.facts_of(row) == Facts(revoked=False, closed=False, items_open=2)  # type: ignore[arg-type]
    assert lifecycle.facts_of(row, items).open_names == ("模块0", "模块2（需回退）")  # type: ignore[arg-type]
    gone = SimpleNamespace(revoked_at=NOW, closed_at=NOW, items_total=0, items_done=0)
    assert lifecycle.facts_of(gone) == Facts(revoked=True, closed=True, items_open=0, frozen=True)  # type: ignore[arg-type]
