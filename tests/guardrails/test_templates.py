"""Templates read easily: indented, short lines, fields from one place, colours by tone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.notices.models import Outcome
from app.tasks.labels import Label, TaskState, TrialState, Urgency
from h5.frame.tones import OF_OUTCOMES, Tone
from h5.tasks.tones import TONES

H5 = Path(__file__).resolve().parents[2] / "h5"
FOLDER = H5 / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
STYLES = [path for path in (H5 / "static").rglob("*.css") if "vendor" not in path.parts]
LONGEST = 120

FIELDS_COME_FROM = "frame/_controls.html"
FIELD = re.compile(r"<(input|select|textarea)\b")

JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.S)
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^>]*?(/?)>", re.S)
VOID = {"br", "img", "input", "link", "meta"}
BLOCKS = {
    "div",
    "dl",
    "dt",
    "dd",
    "fieldset",
    "form",
    "header",
    "li",
    "ol",
    "p",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
}


def without_jinja(text: str) -> str:
    """The template with blanks in place of what Jinja replaces, so that lines and columns stay."""
    return JINJA.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def elements(text: str) -> Iterator[tuple[int, int, int]]:
    """(line of the tag, line where that tag ends, line of the closing tag) of every element, from 0."""
    opened: list[tuple[str, int, int]] = []
    for tag in TAG.finditer(text):
        closes, name, closed = tag.groups()
        begins, ends = (text.count("\n", 0, position) for position in tag.span())
        if closed or name in VOID:
            continue
        if not closes:
            opened.append((name, begins, ends))
            continue
        expected, opens, inside = opened.pop() if opened else ("nothing", 0, 0)
        assert name == expected, f"line {begins + 1}: </{name}> closes {expected}"
        yield opens, inside, begins


def indent(line: str) -> int:
    """How far a line is moved in."""
    return len(line) - len(line.lstrip())


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_indented_one_element_a_line(name):
    text = (FOLDER / name).read_text(encoding="utf-8")
    lines, bare = text.split("\n"), without_jinja(text)
    wrong = [
        f"{n + 1}: odd" for n, line in enumerate(bare.split("\n")) if line.strip() and indent(lines[n]) % 2
    ]
    for opens, inside, closes in elements(bare):
        if inside == closes:
            continue
        if indent(lines[closes]) != indent(lines[opens]):
            wrong.append(f"{closes + 1}: not below its opening tag in line {opens + 1}")
        between = range(inside + 1, closes)
        wrong += [
            f"{n + 1}: not moved in" for n in between if lines[n] and indent(lines[n]) <= indent(lines[opens])
        ]
    for n, line in enumerate(bare.split("\n")):
        if sum(tag[2] in BLOCKS and not tag[1] for tag in TAG.finditer(line)) > 1:
            wrong.append(f"{n + 1}: more than one element")
    assert not wrong, f"{name}, line " + "; ".join(wrong)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_line_of_a_template_is_long(name):
    lines = (FOLDER / name).read_text(encoding="utf-8").split("\n")
    assert [n for n, line in enumerate(lines, start=1) if len(line) > LONGEST] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_field_comes_from_one_place(name):
    fields = FIELD.findall((FOLDER / name).read_text(encoding="utf-8"))
    assert not fields or name == FIELDS_COME_FROM


def test_fields_look_the_same_on_every_page():
    macros = (FOLDER / "frame/_fields.html").read_text(encoding="utf-8")
    drawn = {look for looks in re.findall(r'class="([a-z -]+)"', macros) for look in looks.split()}
    on_every_page = (H5 / "static" / "frame" / "app.css").read_text(encoding="utf-8")
    styled = set(re.findall(r"\.([a-z][\w-]*)", on_every_page))
    of_few_pages = {"colleagues", "changes", "change"}  # with a row, 变更记录
    assert drawn - styled == of_few_pages


def test_every_label_has_a_tone():
    labels = [*Label, *TaskState, *Urgency, *TrialState]
    assert [label for label in labels if label not in TONES] == []
    assert [outcome for outcome in Outcome if outcome not in OF_OUTCOMES] == []


def test_colours_hang_on_tones_not_on_labels():
    looks = {
        look
        for path in STYLES
        for look in re.findall(r"\.tag-([^\s,{:.]+)", path.read_text(encoding="utf-8"))
    }
    assert looks == set(Tone) - {Tone.PLAIN}
    used = {
        look
        for name in TEMPLATES
        for look in re.findall(r'\btag-([^\s"{]+)', (FOLDER / name).read_text(encoding="utf-8"))
    }
    assert used <= set(Tone)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_have_one_declaration_a_line(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    crowded = [line for line in text.split("\n") if line.count(";") > 1 or re.search(r"[{;].*[^\s{;]", line)]
    assert crowded == []
