"""README.md and README.en.md are short, and say the same."""

import re

import pytest

from tests.guardrails.pages import text_of

MOST_LINES = 120
BOTH = ("README.md", "README.en.md")


@pytest.mark.parametrize("page", BOTH)
def test_the_readme_is_read_in_five_minutes(page):
    assert len(text_of(page).splitlines()) <= MOST_LINES


@pytest.mark.parametrize("page", BOTH)
def test_it_has_one_picture_two_commands_and_four_links_onwards(page):
    text = text_of(page)
    links = re.findall(r"\]\(([^)]+)\)", text)

    assert text.count("<img ") == 1
    assert text.count("```") == 2
    assert len(re.findall(r"```bash\n(.+)\n(.+)\n```", text)) == 1
    assert len(links) == 1 + 4  # the other language, and where to go on


def test_both_languages_have_the_same_parts():
    chinese, english = [re.findall(r"^(#+) |^(-|\d\.) ", text_of(page), re.MULTILINE) for page in BOTH]

    assert chinese == english
