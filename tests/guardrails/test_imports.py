"""Which way imports point (docs/architecture.md), held over the syntax tree."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

GROUND = {"app.db", "app.locks", "app.clock", "app.errors", "app.lately", "app.outage", "app.schema"}
GROUND |= {"app.text", "app.sheets"}
PLACES = GROUND | {"app.places"}
PEOPLE = PLACES | {"app.people"}
WORK = PEOPLE | {"app.work"}
NOTICES = WORK | {"app.notices", "app.wecom"}
KIND = NOTICES
KINDS = {"app.tasks", "app.flows", "app.orders"}
DOOR = (
    KIND | KINDS | {"app.administration", "app.insight", "app.settings"}
)  # settings: the type of what composition hands in
ALLOWED: dict[str, set[str]] = {  # package → what it may import of ours, besides itself
    "app.db": {
        "app.db.base",
        "app.db.sessions",
        "app.db.upsert",
        "app.db.bulk",
        "app.db.engines",
    },  # what it offers
    "app.db.base": set(),
    "app.db.sessions": {"app.db.base"},
    "app.db.upsert": {"app.db.base", "app.db.sessions"},
    "app.db.bulk": {"app.db.base", "app.db.sessions"},
    "app.db.engines": {"app.db.sessions"},
    "app.locks": {"app.db"},
    "app.clock": set(),
    "app.errors": set(),
    "app.lately": {"app.db"},
    "app.outage": set(),
    "app.schema": {"app.db"},
    "app.text": set(),
    "app.sheets": {"app.errors", "app.text"},
    "app.logs": set(),
    "app.settings": set(),
    "app.places": PLACES,
    "app.people": PEOPLE | {"app.wecom"},  # people.directory alone, see below
    "app.work": WORK,
    "app.notices": NOTICES,
    "app.wecom": GROUND,
    "app.administration": KIND,
    "app.tasks": KIND,
    "app.flows": KIND,
    "app.orders": KIND,
    "app.insight": KIND | KINDS | {"app.administration"},
    "app.simulator": set(),
    "h5": DOOR,
    "callbacks": DOOR,
    "scheduler.jobs": DOOR,
    "app.api": DOOR,
}
NOTICES_GROUND = {"app.notices.models", "app.notices.telling", "app.notices.pacing", "app.notices.about"}
ROOMS_OF_NOTICES: dict[str, set[str]] = {  # room → what of its neighbours it may import, besides the ground
    "app.notices.models": set(),
    "app.notices.telling": set(),
    "app.notices.pacing": set(),
    "app.notices.wordings": set(),
    "app.notices.queue": {"app.notices.wordings"},
    "app.notices.sending": set(),
    "app.notices.aftercare": {"app.notices.sending"},
    "app.notices.ledger": {
        "app.notices.aftercare",
        "app.notices.sending",
        "app.notices.queue",
        "app.notices.wordings",
    },
    "app.notices.presses": {"app.notices.aftercare"},
    "app.notices.about": {"app.notices.models"},
    "app.notices.recipients": set(),
    "app.notices.audiences": {"app.notices.wordings"},
    "app.notices.manners": {"app.notices.ledger"},
}
ROOMS_OF_TASKS: dict[str, set[str]] = {  # room → the one below it; every room may import the ground
    "app.tasks.telling": set(),
    "app.tasks.reading": set(),
    "app.tasks.patches": set(),
    "app.tasks.publishing": {"app.tasks.telling"},
    "app.tasks.field": {"app.tasks.telling"},
    "app.tasks.managing": {"app.tasks.telling"},
    "app.tasks.rollback": {"app.tasks.telling"},
    "app.tasks.clock": {"app.tasks.telling"},
}
FACE = "app.tasks.face"  # shows all of the rooms to the rest of the house
COMPOSITION = ("wsgi", "scheduler", "app.core", "app.cli", "app.demo", "app.doctor")
PURE = ("labels", "lifecycle", "changes", "rollback_effects", "rules", "deadlines", "pacing")
PURE += ("engine", "dispatching")
PURE_TOO = ("app.errors.", "app.work.rules.", "app.work.calendar.")
OURS = ("app", "h5", "callbacks", "scheduler", "wsgi", "tests", "benchmarks", "scripts")


def modules() -> list[str]:
    files = [ROOT / "wsgi.py"]
    for top in ("app", "h5", "callbacks", "scheduler"):
        files += sorted((ROOT / top).rglob("*.py"))
    return [".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for f in files]


def imports_of(module: str) -> set[str]:
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def package_of(name: str) -> str | None:
    """The entry of ALLOWED that `name` belongs to."""
    return max((p for p in ALLOWED if name == p or name.startswith(p + ".")), key=len, default=None)


def is_composition(module: str) -> bool:
    return package_of(module) is None and module.startswith(COMPOSITION)


@pytest.mark.parametrize("module", modules())
def test_imports_point_downwards(module):
    if module == "app" or is_composition(module):
        return
    home = package_of(module)
    assert home is not None, f"{module} has no place in the house"
    for name in imports_of(module):
        target = package_of(name)
        if target is None:
            composed = name.split(".")[0] in OURS and name not in ("app", "scheduler")
            assert not composed, f"{module} imports {name}"
        else:
            assert target == home or target in ALLOWED[home], f"{module} imports {name}"


@pytest.mark.parametrize(
    "module", [m for m in modules() if m.startswith("app.notices.") and m != "app.notices"]
)
def test_the_rooms_of_notices_point_downwards_too(module):
    home = _room_of_notices(module)
    assert home is not None, f"{module} has no room in app.notices"
    ground = set() if home in NOTICES_GROUND else NOTICES_GROUND
    for name in imports_of(module):
        target = _room_of_notices(name)
        if target is not None:
            assert target in {home} | ROOMS_OF_NOTICES[home] | ground, f"{module} imports {name}"


def _room_of_notices(name: str) -> str | None:
    return next((room for room in ROOMS_OF_NOTICES if name == room or name.startswith(room + ".")), None)


@pytest.mark.parametrize("module", [m for m in modules() if m.startswith("app.tasks.") and m != FACE])
def test_the_rooms_of_tasks_know_what_tells_people_and_the_ground_alone(module):
    home = _room_of_tasks(module)
    for name in imports_of(module):
        target = _room_of_tasks(name)
        assert name != FACE, f"{module} imports {name}"
        assert target is None or target == home or (home and target in ROOMS_OF_TASKS[home]), (
            f"{module} imports {name}"
        )


def test_every_folder_of_tasks_is_a_room():
    folders = {file.parent.name for file in (ROOT / "app/tasks").glob("*/__init__.py")}

    assert {f"app.tasks.{name}" for name in folders} == set(ROOMS_OF_TASKS)


@pytest.mark.parametrize("room", ["app.tasks", "app.notices"])
def test_no_modules_of_a_room_import_each_other_in_a_circle(room):
    inside = [m for m in modules() if m.startswith(f"{room}.")]
    left = {m: imports_of(m) & set(inside) - {m} for m in inside}
    while bare := [m for m, needed in left.items() if not needed & left.keys()]:
        for module in bare:
            del left[module]

    assert left == {}


def _room_of_tasks(name: str) -> str | None:
    """None for the ground."""
    return next((room for room in ROOMS_OF_TASKS if name == room or name.startswith(room + ".")), None)


def test_only_the_adapter_knows_wechatpy():
    guilty = [m for m in modules() if any(n.split(".")[0] == "wechatpy" for n in imports_of(m))]
    assert guilty
    assert all(m.startswith("app.wecom") for m in guilty)


def test_only_people_directory_reaches_the_adapter_from_people():
    guilty = [
        m
        for m in modules()
        if m.startswith("app.people") and any(n.startswith("app.wecom") for n in imports_of(m))
    ]
    assert set(guilty) <= {"app.people.directory"}


@pytest.mark.parametrize("module", [m for m in modules() if m.rsplit(".", 1)[-1] in PURE])
def test_pure_rules_import_only_each_other(module):
    kind = ".".join(module.split(".")[:2])
    allowed = [
        f"{one}." for one in modules() if one.startswith(f"{kind}.") and one.rsplit(".", 1)[-1] in PURE
    ]
    for name in imports_of(module):
        if name.split(".")[0] in OURS:
            ours = name == "app.work" or f"{name}.".startswith((*PURE_TOO, *allowed))
            assert ours, f"{module} imports {name}"
        else:
            assert name.split(".")[0] not in ("sqlalchemy", "flask", "requests", "wechatpy"), (
                f"{module}: {name}"
            )


def test_rows_do_not_read_the_clock():
    guilty = [m for m in modules() if m.rsplit(".", 1)[-1] == "models" and "app.clock" in imports_of(m)]
    assert not guilty


def test_nothing_outside_the_adapter_and_the_stand_in_talks_http():
    guilty = [m for m in modules() if {"requests", "urllib.request", "http.client"} & imports_of(m)]
    assert all(m.startswith(("app.wecom", "app.simulator")) for m in guilty), guilty


def test_no_module_is_called_utils():
    assert not [m for m in modules() if m.rsplit(".", 1)[-1] in ("utils", "helpers", "common", "misc")]
