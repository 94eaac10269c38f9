"""Tokens of other systems: shown once, kept as a hash, useless once revoked (X-S17)."""

import pytest
import sqlalchemy as sa

from app.db import session
from app.errors import BadInput, Conflict, NotFound
from app.work import api_tokens
from app.work.models import ApiToken, HistoryEvent
from tests.told_time import ToldTime
from tests.world import World

OFFERED = ("read_tasks", "write_patches")


def made(world: World, *scopes: str, region_id: int | None = None) -> str:
    return api_tokens.create(
        "数据平台",
        by=world.person("周总"),
        scopes=scopes or ("read_tasks",),
        offered=OFFERED,
        region_id=region_id,
        form_key=world.key(),
    )


@pytest.mark.proves("X-S17")
def test_the_database_holds_nothing_that_opens_the_api(world: World) -> None:
    token = made(world)
    row = session().execute(sa.select(ApiToken.__table__)).one()

    assert token.startswith("fwrw_")
    assert token not in str(row)
    assert row.begins == token[:9]
    assert api_tokens.find(token).name == "数据平台"


@pytest.mark.parametrize("shown", ["", "fwrw_", "fwrw_" + "A" * 43, "数据平台"])
def test_what_was_never_handed_out_opens_nothing(world: World, shown: str) -> None:
    made(world)

    assert api_tokens.find(shown) is None


def test_a_revoked_token_opens_nothing_and_is_revoked_once(world: World) -> None:
    token = made(world)
    api_tokens.revoke(api_tokens.find(token).id, by=world.person("周总"))

    assert api_tokens.find(token) is None
    [row] = api_tokens.everyone()
    with pytest.raises(Conflict):
        api_tokens.revoke(row.id, by=world.person("林敏"))
    assert row.revoked_by_id == world.by_name["周总"]


def test_it_is_seen_when_a_token_was_used(world: World, told_time: ToldTime) -> None:
    token = made(world)
    assert api_tokens.everyone()[0].used_at is None

    told_time.pass_(hours=3)
    api_tokens.find(token)

    session().expire_all()
    assert api_tokens.everyone()[0].used_at == told_time.moment


@pytest.mark.proves("X-S17")
def test_a_token_is_for_what_it_was_made_for(world: World) -> None:
    row = api_tokens.find(made(world, "write_patches"))

    assert api_tokens.holds(row, "write_patches")
    assert not api_tokens.holds(row, "read_tasks")


def test_making_and_revoking_are_on_record_without_the_token(world: World) -> None:
    token = made(world)
    api_tokens.revoke(api_tokens.find(token).id, by=world.person("林敏"))
    events = session().execute(sa.select(HistoryEvent).order_by(HistoryEvent.id)).scalars().all()

    assert [(event.act, event.by.name) for event in events] == [
        (api_tokens.CREATE, "周总"),
        (api_tokens.REVOKE, "林敏"),
    ]
    assert token not in str([event.facts for event in events])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "scopes", "region_id", "field"),
    [
        ("", ["read_tasks"], None, "name"),
        ("长" * 61, ["read_tasks"], None, "name"),
        ("数据平台", [], None, "scope"),
        ("数据平台", ["everything"], None, "scope"),
        ("数据平台", ["read_tasks"], 99, "region"),
    ],
)
def test_nonsense_is_refused_at_its_field(world: World, name, scopes, region_id, field) -> None:
    with pytest.raises(BadInput) as refused:
        api_tokens.create(
            name,
            by=world.person("周总"),
            scopes=scopes,
            offered=OFFERED,
            region_id=region_id,
            form_key=world.key(),
        )

    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_that_does_not_exist_cannot_be_revoked(world: World) -> None:
    with pytest.raises(NotFound):
        api_tokens.revoke(7, by=world.person("周总"))
