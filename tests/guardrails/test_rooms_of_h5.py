"""The pages have rooms: every one stands on the frame, and those of one kind of work know no other's."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, meta

ROOT = Path(__file__).resolve().parents[2]
H5 = ROOT / "h5"
ROOMS: dict[str, set[str]] = {  # room → the rooms it may use, besides itself
    "frame": set(),
    "health": {"frame"},
    "round_cookies": set(),
    "login": {"frame", "round_cookies"},
    "exports": {"frame"},
    "files": {"frame"},
    "places": {"frame"},
    "ledger": {"frame", "exports"},
    "people": {"frame", "files", "places"},
    "admin": {"frame", "exports", "places"},
    "tasks": {"frame", "exports", "files", "places", "ledger", "people"},
    "kinds": {"frame", "tasks"},
    "mine": {"frame", "kinds"},
}
MODULES = sorted(path for path in H5.rglob("*.py") if path != H5 / "__init__.py")  # that one composes
TEMPLATES = sorted((H5 / "templates").rglob("*.html"))
ASSET = re.compile(r"asset\('([^']+)'\)")
OF_NO_ROOM = {"vendor", "logged_out.html"}
LONGEST = 250  # lines of a module or a template


def room_of(path: Path, above: Path) -> str:
    """The first part of the way to a file."""
    return path.relative_to(above).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The rooms of h5 that a module imports something from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "h5":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("h5."):
            yield (node.module or "").split(".")[1]


def named(path: Path) -> Iterator[str]:
    """The rooms whose templates and files a template names."""
    text = path.read_text(encoding="utf-8")
    names = [name or "" for name in meta.find_referenced_templates(Environment(autoescape=True).parse(text))]
    for name in names + ASSET.findall(text):
        yield name.split("/")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(H5).as_posix())
def test_a_module_imports_from_the_rooms_below_its_own(path):
    room = room_of(path, H5)
    assert set(imports(path)) <= {room} | ROOMS[room]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(H5).as_posix())
def test_a_template_is_made_of_the_rooms_below_its_own(path):
    room = room_of(path, H5 / "templates")
    allowed = {"frame"} if room in OF_NO_ROOM else {room} | ROOMS[room]
    assert set(named(path)) - {""} <= allowed | {"vendor"}


@pytest.mark.parametrize("path", [*MODULES, *TEMPLATES], ids=lambda path: path.relative_to(H5).as_posix())
def test_nobody_has_to_read_more_than_a_few_screens(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_every_file_of_a_page_lies_in_the_room_of_one():
    for folder in ("templates", "static"):
        rooms = {path.name for path in (H5 / folder).iterdir()}
        assert rooms - OF_NO_ROOM <= {path.name for path in H5.iterdir() if path.is_dir()}
