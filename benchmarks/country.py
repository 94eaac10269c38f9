"""The country that is measured: every real division, people for it, and towns where more points are needed."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import clock
from app.core import create_core
from app.db import Base, Session, session, transaction
from app.people.models import Department, Person, PersonRole, Region, RegionProvince, Role, SupportArea
from app.places import editions, importing
from app.places.models import Place
from app.settings import Settings
from app.tasks.labels import TaskType, Urgency
from app.tasks.publishing import publish
from app.tasks.publishing.plan import PublishForm
from app.work import form_keys
from tests.databases import close_database, settings_for
from wsgi import create_app

NOW = clock.from_local(datetime.fromisoformat("2026-11-23 09:00"))
TASKS = 200  # at least, so that the tree on the page is the same at every size
REGIONS = ("华北大区", "东北大区", "华东大区", "华中大区", "华南大区", "西南大区", "西北大区")
PUBLISHER, HEAD, REGION_MANAGER = "publisher", "head", "region-manager"
COUNTY, CITY, PROVINCE, SCATTERED = "county", "city", "province", "scattered"  # readers, by what they see
SHIJIAZHUANG, HEBEI, CHANGAN = "130100", "130000", "130102"
# Towns are points beside the real ones, each with people of its own: a publish or an overdue pass that
# reaches nobody twice. Those of the second kind have no 服务经理, so two messages each.
TOWNS, OVERDUE_TOWNS = 30_000, 10_000
CHUNK = 5000


def build(address: str, rows: int) -> None:
    """Fill a migrated database: divisions, people, and at least `rows` rows through the product's own publish."""
    app = create_core(settings_for(address, LOG_LEVEL="ERROR"))
    clock.tell(lambda: NOW)
    with app.app_context():
        importing.import_edition(editions.read(importing.DEFAULT_FILE))
        with transaction() as current:
            _organisation(current)
        with transaction() as current:
            _towns(current)
        _publish(rows)
        close_database()


def standing_still(settings: Settings) -> Flask:
    """The whole web application on a database of this country, its clock standing still."""
    app = create_app(settings)
    clock.tell(lambda: NOW)
    return app


def town_codes(number: int, *, start: int = 0) -> list[str]:
    """The codes of some towns whose people have nothing else to do."""
    return [_town_code(n) for n in range(start, start + number)]


def person(userid: str) -> Person:
    """Someone by the names above."""
    return session().execute(sa.select(Person).where(Person.userid == userid)).unique().scalar_one()


def _organisation(current: Session) -> None:
    """One 实施人 per city, one 服务经理 and one 主管 per province; and the readers, who have places of their own."""
    leaves = _leaves(current)
    provinces = sorted({leaf.province_code for leaf in leaves})
    _insert(current, Region, ({"id": n, "name": name} for n, name in enumerate(REGIONS, 1)))
    region_of = {code: n * len(REGIONS) // len(provinces) + 1 for n, code in enumerate(provinces)}
    _insert(current, RegionProvince, ({"province_code": c, "region_id": r} for c, r in region_of.items()))
    _insert(current, Department, [{"id": 1, "name": "服务运营部", "is_head_office": True}])
    hebei = region_of[HEBEI]
    staff = _Staff()
    staff.hire(PUBLISHER, Role.PUBLISHER, department_id=1)
    staff.hire(HEAD, Role.DEPARTMENT_MANAGER, department_id=1)
    staff.hire(REGION_MANAGER, Role.REGION_MANAGER, region_id=hebei)
    staff.hire(COUNTY, Role.IMPLEMENTER, region_id=hebei)
    staff.hire(CITY, Role.SERVICE_MANAGER, region_id=hebei)
    staff.hire(PROVINCE, Role.SUPERVISOR, region_id=hebei)
    staff.hire(SCATTERED, Role.IMPLEMENTER, Role.SERVICE_MANAGER, region_id=hebei)
    scattered = _scattered(leaves)
    for leaf in leaves:
        code, region = leaf.code, region_of[leaf.province_code]
        implementer = f"shishi-{leaf.city_code or leaf.province_code}"
        manager, supervisor = f"fuwu-{leaf.province_code}", f"zhuguan-{leaf.province_code}"
        if code == CHANGAN:
            implementer = COUNTY
        if leaf.city_code == SHIJIAZHUANG:
            manager = CITY
        if leaf.province_code == HEBEI:
            supervisor = PROVINCE
        if code in scattered[::2]:
            implementer = SCATTERED
        elif code in scattered:
            manager = SCATTERED
        staff.assign(code, Role.IMPLEMENTER, implementer, region)
        staff.assign(code, Role.SERVICE_MANAGER, manager, region)
        staff.assign(code, Role.SUPERVISOR, supervisor, region)
    staff.write(current)


def _scattered(leaves: list[Any]) -> list[str]:
    """20 counties all over the country, outside 河北."""
    others = [leaf.code for leaf in leaves if leaf.province_code != HEBEI]
    return others[:: len(others) // 20][:20]


def _towns(current: Session) -> None:
    """Points beside the real ones, spread over the provinces."""
    counties = _leaves(current)
    staff = _Staff(first_id=(current.execute(sa.select(sa.func.max(Person.id))).scalar() or 0) + 1)
    places = []
    for n in range(TOWNS + OVERDUE_TOWNS):
        county, code = counties[n % len(counties)], _town_code(n)
        name = f"{county.name}第{n}片"
        places.append(
            {
                "code": code,
                "name": name,
                "level": 3,
                "parent_code": county.parent_code,
                "province_code": county.province_code,
                "city_code": county.city_code,
                "path": f"{county.path.removesuffix(county.name)}{name}",
                "pinyin": "pian",
                "initials": "p",
                "is_leaf": True,
                "valid_from": date(2020, 1, 1),
            }
        )
        roles = [Role.IMPLEMENTER, Role.SUPERVISOR, *([Role.SERVICE_MANAGER] if n < TOWNS else [])]
        for role in roles:
            staff.assign(code, role, f"{role}-{n}", None)
    _insert(current, Place, places)
    staff.write(current)


def _town_code(n: int) -> str:
    return f"99{n:09d}1"


def _leaves(current: Session) -> list[Any]:
    columns = (Place.code, Place.name, Place.path, Place.parent_code, Place.province_code, Place.city_code)
    return list(current.execute(sa.select(*columns).where(Place.is_leaf).order_by(Place.code)))


def _publish(rows: int) -> None:
    """Publish once a day until there are enough rows; the deadlines are far away."""
    session().rollback()
    leaves = _leaves(session().registry())
    by = person(PUBLISHER)
    each = [leaf.code for leaf in leaves if not leaf.code.startswith("99")]
    if rows < TASKS * len(each):
        each = _few(leaves, rows // TASKS)
    days = -(-rows // len(each))
    for day in range(days):
        form = PublishForm(
            type=(TaskType.EMERGENCY, TaskType.DATA_RUN, TaskType.BIG_EVENT)[day % 3],
            urgency=list(Urgency)[day % 4],
            due_at=NOW + timedelta(days=30 + day),
            place_codes=tuple(each),
            note="请先备份，再操作，完成后反馈。",
        )
        with clock.standing_at(NOW - timedelta(days=days - day)):
            publish.publish(form, by=by, form_key=form_keys.new_key())


def _few(leaves: list[Any], number: int) -> list[str]:
    """What the readers see, and as much of 河北 as there is room for."""
    wanted = [
        leaf.code for leaf in leaves if leaf.city_code == SHIJIAZHUANG and not leaf.code.startswith("99")
    ]
    real = [leaf for leaf in leaves if not leaf.code.startswith("99")]
    wanted += _scattered(real)
    rest = (leaf.code for leaf in real if leaf.province_code == HEBEI and leaf.code not in wanted)
    return [*wanted, *islice(rest, max(0, number - len(wanted)))]


class _Staff:
    """People and what they support, to be written in a few statements."""

    def __init__(self, first_id: int = 1) -> None:
        self._next = first_id
        self._ids: dict[str, int] = {}
        self._people: list[dict[str, Any]] = []
        self._roles: list[dict[str, Any]] = []
        self._areas: list[dict[str, Any]] = []

    def hire(self, userid: str, *roles: Role, **columns: Any) -> int:
        """A new person; returns the id."""
        self._ids[userid] = new = self._next
        self._next += 1
        values = {"id": new, "userid": userid, "name": f"员工{new}", "pinyin": "yuangong", "initials": "yg"}
        self._people.append({"department_id": None, "region_id": None} | values | columns)
        self._roles += [{"person_id": new, "role": role} for role in roles]
        return new

    def assign(self, place_code: str, role: Role, userid: str, region_id: int | None) -> None:
        """Make somebody, hired now if need be, the one who serves a place in a role."""
        known = self._ids.get(userid) or self.hire(userid, role, region_id=region_id)
        area = {"place_code": place_code, "role": role, "person_id": known, "is_primary": True}
        self._areas.append(area)

    def write(self, current: Session) -> None:
        """Insert everybody."""
        _insert(current, Person, self._people)
        _insert(current, PersonRole, self._roles)
        _insert(current, SupportArea, self._areas)


def _insert(current: Session, kind: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    for chunk in _chunks(iter(rows)):
        current.execute(sa.insert(kind.__table__), chunk)


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
