"""What the pages of published tasks show of themselves to the other pages; `h5.kinds` lists it."""

from app.people.models import Who
from app.people.queries import may_publish
from app.tasks.patches.registering import KEEPERS
from h5.frame.faces import Link, Pages, Tab
from h5.tasks import (
    deliveries,
    exports,
    handing_on,
    patches,
    point_tasks,
    publishing,
    rolling_back,
    several,
    supervising,
    task_tree,
    tasks,
    versions,
)
from h5.tasks.tones import TONES

# Also those that add addresses of theirs to a blueprint of the house: they are registered with it.
MODULES = (
    tasks,
    task_tree,
    publishing,
    point_tasks,
    supervising,
    several,
    rolling_back,
    patches,
    versions,
    exports,
    deliveries,
    handing_on,
)
TABS = (
    Tab("tasks", "/tasks", "任务", "tasks", sections=("/point-tasks",)),
    Tab("publish", "/tasks/new", "发布", "plus", shown=may_publish),
)
VERSIONS = Link("/versions", "各点位版本", "每个县现在运行哪个版本", "to-versions")
PATCHES = Link("/patches", "补丁包", "升级任务从这里选模块", "to-patches")


def links(person: Who) -> list[Link]:
    """Lines of 我的."""
    return [VERSIONS, PATCHES] if person.holds(*KEEPERS) else [VERSIONS]


PAGES = Pages(
    blueprints=tuple(dict.fromkeys(module.bp for module in MODULES)),
    tabs=TABS,
    lists="任务列表",
    tones=TONES,
    links=links,
)
