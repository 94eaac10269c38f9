"""The demo's people: hired one by one, with a department, a name and a userid of their own."""

from dataclasses import dataclass, field
from typing import Any

from app.people.spelling import person_spelling
from scripts.organisation_names import LONG_NAMES, invented_names, words

SEED = 20261122

REGIONS = {
    "东北大区": "21 22 23",
    "华北大区": "11 12 13 14 15",
    "华东大区": "31 32 33 34 35 36 37 71",
    "华中大区": "41 42 43",
    "华南大区": "44 45 46 81 82",
    "西南大区": "50 51 52 53 54",
    "西北大区": "61 62 63 64 65",
}
COMPANY, OPERATIONS, DATA_CENTRE, DEVELOPMENT = 1, 2, 3, 4
DEPARTMENTS = {OPERATIONS: "服务运营部", DATA_CENTRE: "数据中心", DEVELOPMENT: "研发部"}
FIRST_REGION_DEPARTMENT = 11

POSITIONS = {
    "department_manager": "部门经理",
    "region_manager": "大区经理",
    "supervisor": "省区主管",
    "service_manager": "服务经理",
    "implementer": "实施工程师",
    "publisher": "任务发布岗",
    "administrator": "系统管理员",
}
# Named where they are hired; nobody else is called like them.
NAMED = frozenset(words("林敏 周总 何志远 陆文静 钱立新 戴晓雯 陌生人 赵岚 王强 刘志远 马春生 孙丽"))


def region_of(province: str) -> str:
    return next(name for name, provinces in REGIONS.items() if province in provinces.split())


def region_department(region: str | None) -> int:
    return FIRST_REGION_DEPARTMENT + list(REGIONS).index(region) if region else OPERATIONS


@dataclass
class Staff:
    """The people so far, and the names still to come."""

    members: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = invented_names(SEED, NAMED)
        self._long = {province: list(names) for province, names in LONG_NAMES.items()}
        self._userids: set[str] = set()

    def add(self, *roles: str, name: str = "", region: str | None = None, **more: Any) -> str:
        """Hire somebody and return the userid."""
        name = name or next(self._names)
        spelling = person_spelling(name)
        department = more.pop("department", None) or region_department(region)
        member = {
            "userid": self._free(spelling.pinyin),
            "name": name,
            "pinyin": spelling.pinyin,
            "initials": spelling.initials,
            "department": [department],
            "position": more.pop("position", "") or POSITIONS[roles[0]],
            "region": region,
            "roles": list(roles),
            **more,
        }
        self.members.append(member)
        return str(member["userid"])

    def add_for(self, province: str, *roles: str, name: str = "") -> str:
        """Hire somebody in a province, by a longer name where one is left for it."""
        if not name and "implementer" in roles and self._long.get(province):
            name = self._long[province].pop(0)
        return self.add(*roles, name=name, region=region_of(province))

    def _free(self, pinyin: str) -> str:
        numbered = (f"{pinyin}{number}" for number in range(2, 1000))
        userid = next(one for one in (pinyin, *numbered) if one not in self._userids)
        self._userids.add(userid)
        return userid
