"""Every document leads where it says: links, pictures, commands; and none promises too much."""

import re

import pytest

from tests.guardrails.pages import ALL, ROOT, anchors_of, text_of


@pytest.mark.parametrize("page", ALL)
def test_links_and_pictures_lead_to_files(page):
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", text_of(page))
    for target in (a or b for a, b in targets):
        path, _, heading = target.partition("#")
        if path.startswith("https://"):
            continue
        file = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        if heading:
            assert heading in anchors_of(file.relative_to(ROOT).as_posix()), f"{page}: {target}"


def test_every_document_can_be_reached_from_the_readme():
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)#\s]+\.md)", text_of(page))
        ours = [(ROOT / page).parent / target for target in targets if not target.startswith("https://")]
        waiting += [file.resolve().relative_to(ROOT).as_posix() for file in ours]

    assert set(ALL) <= reached


def test_every_picture_of_the_pages_is_shown_somewhere():
    text = "\n".join(text_of(page) for page in ALL)
    taken = {file.name for file in (ROOT / "docs" / "pictures").glob("*-light.png")}

    assert {name for name in taken if f"pictures/{name}" not in text} == set()


def test_decisions_are_numbered_without_a_gap_and_listed():
    pages = sorted(file.name for file in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    index = text_of("docs/decisions/README.md")

    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
    for name in pages:
        title = text_of(f"docs/decisions/{name}").splitlines()[0].removeprefix(f"# {name[:4]} ")
        assert f"| [{name[:4]}]({name}) | {title} |" in index, name


def test_every_make_target_and_flask_command_that_documents_name_exists():
    text = "\n".join(text_of(page) for page in ALL)
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "app").rglob("*.py"))
    code += text_of("scheduler/commands.py")

    named = re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)
    assert set(named) <= targets
    for group in set(re.findall(r"\bflask ([a-z]+)", text)) - {"db"}:
        assert re.search(rf"(AppGroup|command)\(\s*\"{group}\"", code), group


def test_no_document_promises_what_a_line_can_break():
    text = "\n".join(text_of(page) for page in ALL).lower()

    assert "exactly once" not in text
    assert "恰好一次" not in text
