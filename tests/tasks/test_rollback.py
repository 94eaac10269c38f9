"""升级回退 as a rule: any mix of item states gives each person the right texts, and nobody a wrong one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.notices.telling import Recipient
from app.tasks import rollback_effects
from app.tasks.labels import ItemState
from app.tasks.rollback import rules
from app.tasks.rollback.rules import ItemLine
from app.tasks.rollback_effects import Effect
from app.tasks.telling import naming, tellings
from app.tasks.telling.about import About
from app.tasks.telling.points import Point

MODULES = {1: "模块A", 2: "模块B", 3: "模块C"}
PEOPLE = {n: Recipient(n, f"user{n}", name) for n, name in enumerate("赵钱孙李周吴", start=1)}
ABOUT = About(1, "升级任务", "紧急", datetime(2026, 11, 30, tzinfo=UTC), "服务运营部", "林敏")

persons = st.sampled_from(list(PEOPLE))
points = st.builds(
    lambda who, supervisor, manager: Point(0, "", who, supervisor, manager),
    persons,
    st.none() | persons,
    st.none() | persons,
)
states = st.lists(st.sampled_from(list(ItemState)), min_size=3, max_size=3)
rows = st.lists(st.tuples(points, states), min_size=1, max_size=8)
chosen = st.sets(st.sampled_from(list(MODULES)))


def items(row_states):
    return [
        ItemLine(1, module_id, MODULES[module_id], state)
        for module_id, state in zip(MODULES, row_states, strict=True)
    ]


def told(drawn, module_ids):
    """Everything that is said about a rollback of these modules at these points."""
    touched = [
        (point._replace(id=n, place_name=f"{n}号县"), effect)
        for n, (point, row_states) in enumerate(drawn)
        if (effect := rules.effect_on(items(row_states), module_ids))
    ]
    return list(tellings.rolled_back(ABOUT, touched, PEOPLE))


def modules_of(drawn, person_id, state, module_ids):
    """The hit modules that this 实施人 has in `state` somewhere."""
    own = [row_states for point, row_states in drawn if point.implementer_id == person_id]
    found = {
        module_id
        for row_states in own
        for module_id, one in zip(MODULES, row_states, strict=True)
        if one == state
    }
    return {MODULES[module_id] for module_id in found & module_ids}


@pytest.mark.parametrize(
    ("wording", "state"), [(tellings.RESTORE, ItemState.DONE), (tellings.WAIT, ItemState.OPEN)]
)
@given(drawn=rows, module_ids=chosen)
def test_each_implementer_gets_the_right_text_once_and_nobody_a_wrong_one_T71_T72_Q17(
    wording, state, drawn, module_ids
):
    texts = [one for one in told(drawn, module_ids) if one.wording == wording]

    named = {one.to.id: set(one.values["modules"].split("、")) for one in texts}
    expected = {person_id: modules_of(drawn, person_id, state, module_ids) for person_id in PEOPLE}
    assert named == {person_id: names for person_id, names in expected.items() if names}
    assert len(named) == len(texts)


@given(rows, chosen)
def test_those_copied_in_on_touched_rows_are_told_once_T73(drawn, module_ids):
    copied = [one.to.id for one in told(drawn, module_ids) if one.wording == "roll_back.copied_in"]
    touched = [point for point, row_states in drawn if rules.effect_on(items(row_states), module_ids)]

    assert sorted(copied) == sorted({i for point in touched for i in point.people - {point.implementer_id}})


@given(states, chosen)
def test_only_hit_modules_change_and_nothing_is_counted_twice_T16_Q14_Q15(row_states, module_ids):
    before = items(row_states)
    effect = rules.effect_on(before, module_ids)
    after = [
        item._replace(state=rollback_effects.after(item.state)) if item.module_id in module_ids else item
        for item in before
    ]

    waited_for = [item for item in before if item.state != ItemState.NOT_UPGRADED]
    done = [item for item in before if item.state in (ItemState.DONE, ItemState.ROLLED_BACK)]
    total, left = rules.counted(len(waited_for), len(done), effect)
    assert total == sum(item.state != ItemState.NOT_UPGRADED for item in after)
    assert left == sum(item.state in (ItemState.DONE, ItemState.ROLLED_BACK) for item in after)
    assert rules.effect_on(after, module_ids) == Effect()


@given(st.lists(st.builds(Effect, st.just(("模块A",)), st.just(("模块B",))), max_size=5))
def test_a_module_is_named_once_however_many_rows(effects):
    whole = rollback_effects.together(effects)

    assert whole == (Effect(("模块A",), ("模块B",)) if effects else Effect())


@pytest.mark.parametrize(
    ("module_ids", "effects", "sentence"),
    [
        (set(), [], "请勾选要回退的模块，至少一个。"),
        ({1, 9}, [Effect(("模块A",))], "页面与任务不一致（有模块不属于该任务的补丁包），请刷新后重试。"),
        ({1}, [], "所选模块都已回退或暂不升级，没有可以回退的点位。"),
        ({1}, [Effect()], "所选模块都已回退或暂不升级，没有可以回退的点位。"),
    ],
)
def test_what_rolls_nothing_back_is_refused(module_ids, effects, sentence):
    with pytest.raises(BadInput) as caught:
        rules.require_some(effects, module_ids, MODULES)

    assert str(caught.value) == sentence
    assert set(caught.value.fields) == (set() if 9 in module_ids else {"module"})


def test_what_rolls_something_back_is_not_refused():
    rules.require_some([Effect(), Effect(frozen=("模块A",))], set(MODULES), MODULES)


def test_very_many_modules_are_counted_instead_of_listed():
    names = [str(n) for n in range(12)]

    assert naming.modules_in_words(names[:10]) == "0、1、2、3、4、5、6、7、8、9"
    assert naming.modules_in_words(names) == "0、1、2、3、4、5、6、7、8、9等12个模块"
    assert naming.modules_in_words(names, most=2) == "0、1等12个模块"


def test_the_history_says_what_became_of_each_item():
    effect = Effect(to_restore=("模块A",), frozen=("模块B", "模块C"))

    assert rules.changes(effect) == ["模块A：是→需回退", "模块B：否→暂不升级", "模块C：否→暂不升级"]


def test_only_what_is_open_or_done_is_left_to_roll_back():
    left = [state for state in ItemState if rollback_effects.some_left([ItemState.ROLLED_BACK, state])]

    assert left == [ItemState.OPEN, ItemState.DONE]
    assert not rollback_effects.some_left([])
