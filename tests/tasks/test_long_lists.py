"""催办 of sixty counties: the 主管's list is in order, fits into a message, and nothing is lost (T-67)."""

import json
import re
from datetime import date

import pytest
import sqlalchemy as sa

from app.db import session, transaction
from app.notices.models import Delivery
from app.people.models import Person, PersonRole, Role, SupportArea
from app.places.models import Place
from app.tasks.managing import supervise

CITIES = {"1302": "唐山市", "1303": "秦皇岛市", "1304": "邯郸市"}
CODES = [f"{city}{number:02}" for city in CITIES for number in range(1, 21)]


def county(code: str) -> str:
    return f"双江拉祜族佤族布朗族傣族自治县{code}"


@pytest.fixture
def wide(world):
    """赵岚 is 主管 of sixty counties in three cities, each with a 实施人 of its own."""
    with transaction() as current:
        for code in CODES:
            current.add(
                Place(
                    code=code,
                    name=county(code),
                    level=3,
                    parent_code=None,
                    province_code="130000",
                    city_code=None,
                    path=f"河北省 / {CITIES[code[:4]]} / {county(code)}",
                    pinyin="x",
                    initials="x",
                    is_leaf=True,
                    valid_from=date(2020, 1, 1),
                )
            )
            person = Person(userid=f"p{code}", name=f"欧阳{code}", pinyin="o", initials="o")
            person.role_rows.append(PersonRole(role=Role.IMPLEMENTER))
            current.add(person)
            current.flush()
            for role, one in (("implementer", person.id), ("supervisor", world.by_name["赵岚"])):
                current.add(SupportArea(place_code=code, role=role, person_id=one))
    return world


def urged(world, *codes: str) -> Delivery:
    task_id = world.published(*codes)
    supervise.urge_all(task_id, by=world.person("林敏"), form_key=world.key())
    query = sa.select(Delivery).where(Delivery.recipient_id == world.by_name["赵岚"])
    return session().execute(query.order_by(Delivery.id.desc())).scalars().first()


def card_of(delivery: Delivery) -> dict:
    return json.loads(delivery.body)["template_card"]


def test_sixty_counties_with_long_names_are_all_in_the_ledger_by_city_T67(wide):
    text = urged(wide, *CODES).text

    assert all(f"{county(code)}：欧阳{code}-应急事件" in text for code in CODES)
    assert re.findall(r"(?:区域|\n)(\S+市) ", text) == list(CITIES.values())
    assert text.endswith("-应急事件任务还未完成，请及时跟进监督。")


def test_the_card_says_how_many_there_are_and_leads_to_them_T67(wide):
    delivery = urged(wide, *CODES)
    card = card_of(delivery)

    assert len(card["sub_title_text"]) <= 160
    assert "-应急事件（等60个点位，见页面）任务还未完成，请及时跟进监督。" in card["sub_title_text"]
    assert f"next={delivery.link}&" in card["button_list"][0]["url"]


def test_a_card_names_as_many_places_as_have_room_and_counts_the_rest_T32(wide):
    task_id = wide.published(*CODES)
    query = sa.select(Delivery).where(
        Delivery.subject_id == task_id, Delivery.recipient_id == wide.by_name["赵岚"]
    )
    card = json.loads(session().execute(query).scalar_one().body)["template_card"]

    assert card["main_title"]["desc"].endswith("等60个点位")


def test_several_cities_are_named_one_city_is_not_T67(wide):
    text = urged(wide, "130102", "130104", "310101").text
    assert "区域长安区、桥西区：王强-应急事件任务" in text
    text = urged(wide, "130102", "130201").text

    assert "区域石家庄市 长安区：王强-应急事件；\n唐山市 双江" in text
