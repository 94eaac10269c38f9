"""The cast: a small, real world in the database for tests that read as sentences."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa

from app import clock
from app.administration import people as administration
from app.db import session, transaction
from app.notices.models import Delivery
from app.people.models import Department, Person, PersonRole, Region, RegionProvince, Role, SupportArea
from app.places.models import Place
from app.tasks.field import handing_on, implement
from app.tasks.models import PointTask
from app.tasks.patches import registering
from app.tasks.publishing import publish
from app.tasks.publishing.plan import PublishForm
from app.tasks.telling import departed
from app.work import form_keys

PLACES = [  # code, name, parent, level, leaf, initials
    ("130000", "河北省", None, 1, False, "hbs"),
    ("130100", "石家庄市", "130000", 2, False, "sjzs"),
    ("130102", "长安区", "130100", 3, True, "caq"),
    ("130104", "桥西区", "130100", 3, True, "qxq"),
    ("130105", "新华区", "130100", 3, True, "xhq"),
    ("130107", "井陉矿区", "130100", 3, True, "jxkq"),
    ("310000", "上海市", None, 1, False, "shs"),
    ("310101", "黄浦区", "310000", 3, True, "hpq"),
]
CAST = [  # name, userid, roles, region, department
    ("林敏", "linmin", [Role.PUBLISHER], None, "服务运营部"),
    ("王强", "wangqiang", [Role.IMPLEMENTER], "华北大区", "华北大区"),
    ("李静", "lijing", [Role.IMPLEMENTER], "华北大区", "华北大区"),
    ("赵岚", "zhaolan", [Role.SUPERVISOR], "华北大区", "华北大区"),
    ("孙丽", "sunli", [Role.SERVICE_MANAGER], "华北大区", "华北大区"),
    ("周总", "zhouzong", [Role.DEPARTMENT_MANAGER], None, "服务运营部"),
    ("何主任", "hezhuren", [Role.DEPARTMENT_MANAGER, Role.PUBLISHER], None, "数据中心"),
    ("郑大区", "zhengdaqu", [Role.REGION_MANAGER], "华北大区", "华北大区"),
    ("沈海", "shenhai", [Role.IMPLEMENTER], "华东大区", "华东大区"),
    ("顾东", "gudong", [Role.SUPERVISOR], "华东大区", "华东大区"),
    ("何志远", "hezhiyuan", [Role.ADMINISTRATOR], None, "服务运营部"),
    ("陌生人", "moshengren", [], None, None),
]
STAFFED = {  # 井陉矿区 has nobody on purpose
    "130102": ("王强", "赵岚", "孙丽"),
    "130104": ("王强", "赵岚", "孙丽"),
    "130105": ("李静", "赵岚", "孙丽"),
    "310101": ("沈海", "顾东", None),
}


@dataclass
class World:
    """Builds what a test's first line says, through the product's own use cases."""

    by_name: dict[str, int] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """A member of the cast, fresh from the database."""
        session().rollback()
        return session().get_one(Person, self.by_name[name])

    def appoint(self, name: str, role: Role) -> Person:
        """Give a member of the cast one more role."""
        with transaction() as current:
            current.add(PersonRole(person_id=self.by_name[name], role=role))
        session().expire_all()
        return self.person(name)

    def key(self) -> str:
        """A form key nobody used before."""
        return form_keys.new_key()

    def form(self, *codes: str, **changes: object) -> PublishForm:
        """A filled-in publish form, 应急事件 and 紧急 unless told otherwise."""
        values = {
            "type": "应急事件",
            "urgency": "紧急",
            "due_at": clock.now() + timedelta(hours=9),
            "place_codes": codes or ("130102",),
            "note": "请先备份。",
        }
        return PublishForm(**(values | changes))

    def published(self, *codes: str, by: str = "林敏", **changes: object) -> int:
        """The id of a task published to these places."""
        return publish.publish(self.form(*codes, **changes), by=self.person(by), form_key=self.key())

    def patch(self, *modules: str, version: str = "3.2.1") -> int:
        """The id of a registered 补丁包; every module's note says what was repaired."""
        named = tuple((name, f"修复{name}的已知问题。") for name in modules or ("模块A", "模块B", "模块C"))
        package = registering.PatchPackage(
            name="征管补丁", version=version, modules=named, sent_by="测试一部"
        )
        return registering.register(package, by=self.person("林敏"), sender="登记页")[0]

    def upgrade(
        self, *codes: str, modules: tuple[str, ...] = ("模块A", "模块B", "模块C"), **changes: object
    ) -> int:
        """The id of an 升级任务 published to these places, with an item for each module."""
        patch_id = self.patch(*modules)
        return self.published(*codes, **({"type": "升级任务", "patch_id": patch_id} | changes))

    def row(self, task_id: int, code: str = "130102") -> PointTask:
        """The row of a task at a place, fresh from the database."""
        session().rollback()
        session().expire_all()
        query = sa.select(PointTask).where(PointTask.task_id == task_id, PointTask.place_code == code)
        return session().execute(query).unique().scalar_one()

    def point_task(self, *, implementer: str = "王强") -> PointTask:
        """One open row of a fresh task."""
        code = next(code for code, staff in STAFFED.items() if staff[0] == implementer)
        return self.row(self.published(code), code)

    def feed_back(self, row: PointTask, *, by: str = "王强", done: bool = True, note: str = "") -> None:
        """Tick (or untick) every item of the row."""
        ids = {item.id for item in row.items} if done else set()
        implement.feed_back(
            row.id,
            by=self.person(by),
            done_item_ids=ids,
            note=note,
            seen_version=None,
            form_key=self.key(),
        )

    def close(self, row: PointTask, *, by: str = "王强") -> None:
        """Finish every item of the row and close it."""
        self.feed_back(row, by=by)
        implement.close(row.id, by=self.person(by), seen_version=None, form_key=self.key())

    def transfer(self, row_id: int, *, by: str = "王强", to: str = "李静") -> None:
        """Hand a row on."""
        handing_on.transfer(
            row_id,
            by=self.person(by),
            to_id=self.by_name[to],
            reason="",
            seen_version=None,
            form_key=self.key(),
        )

    def disable(self, name: str, *, by: str = "何志远") -> int | None:
        """停用 somebody, as an administrator does; how many open rows wait for them."""
        return administration.disable(self.by_name[name], by=self.person(by), tells=departed.tell)

    def closed_point_task(self, *, implementer: str = "王强") -> PointTask:
        """A row that its implementer finished and closed."""
        row = self.point_task(implementer=implementer)
        self.close(row, by=implementer)
        return self.row(row.task_id, row.place_code)

    def queued(self) -> list[tuple[str, str]]:
        """(recipient, wording) of every delivery, in the order they were queued."""
        session().rollback()
        who = Person.id == Delivery.recipient_id
        query = sa.select(Person.name, Delivery.wording).join(Person, who).order_by(Delivery.id)
        return [tuple(row) for row in session().execute(query)]

    def texts(self, name: str) -> list[str]:
        """What a person was told, oldest first."""
        session().rollback()
        query = sa.select(Delivery.text).where(Delivery.recipient_id == self.by_name[name])
        return list(session().execute(query.order_by(Delivery.id)).scalars())


def build() -> World:
    """Fill an empty, migrated database with places, people and support areas."""
    world = World()
    with transaction() as current:
        current.add_all(_place(*place) for place in PLACES)
        current.flush()
        regions = {n: Region(name=n, position=i) for i, n in enumerate(["华北大区", "华东大区"])}
        names = {department for *_, department in CAST if department}
        departments = {n: Department(name=n, is_head_office=n == "服务运营部") for n in sorted(names)}
        current.add_all([*regions.values(), *departments.values()])
        current.flush()
        current.add(RegionProvince(province_code="130000", region_id=regions["华北大区"].id))
        current.add(RegionProvince(province_code="310000", region_id=regions["华东大区"].id))
        for name, userid, roles, region, department in CAST:
            person = Person(
                name=name,
                userid=userid,
                pinyin=userid,
                initials=userid[:2],
                region_id=regions[region].id if region else None,
                department_id=departments[department].id if department else None,
                role_rows=[PersonRole(role=role) for role in roles],
            )
            current.add(person)
            current.flush()
            world.by_name[name] = person.id
        for code, staff in STAFFED.items():
            for role, name in zip(("implementer", "supervisor", "service_manager"), staff, strict=True):
                if name:
                    current.add(SupportArea(place_code=code, role=role, person_id=world.by_name[name]))
    return world


def found() -> World:
    """The world of a database that `build` has filled."""
    session().rollback()
    people = session().execute(sa.select(Person.name, Person.id))
    return World({row.name: row.id for row in people})


def _place(code: str, name: str, parent: str | None, level: int, leaf: bool, initials: str) -> Place:
    known = {p[0]: p[1] for p in PLACES}
    above = [known[c] for c in (code[:2] + "0000", code[:4] + "00") if c in known and c != code]
    return Place(
        code=code,
        name=name,
        level=level,
        parent_code=parent,
        province_code=code[:2] + "0000",
        city_code=code[:4] + "00" if level == 3 and code[:4] + "00" in known else None,
        path=" / ".join([*above, name]),
        pinyin=initials,
        initials=initials,
        is_leaf=leaf,
        valid_from=date(2020, 1, 1),
    )
