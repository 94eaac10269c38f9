"""What hardly ever changes is read once a minute, and at once by whoever changed it."""

from collections.abc import Collection

import pytest
from flask import Flask

from app import lately
from app.lately import Lately


@pytest.fixture
def database_url() -> str:
    """Only whose database it is matters."""
    return "sqlite://"


def asked_of(known: dict[str, str]) -> tuple[Lately[str, str], list[set[str]]]:
    asked: list[set[str]] = []

    def read(keys: Collection[str]) -> dict[str, str]:
        asked.append(set(keys))
        return {key: known[key] for key in keys if key in known}

    return Lately(read), asked


def test_what_is_known_is_not_asked_for_again(core: Flask) -> None:
    names, asked = asked_of({"a": "安", "b": "白"})
    assert names.of({"a"})["a"] == "安"
    assert names.of({"a", "b"})["b"] == "白"
    assert asked == [{"a"}, {"b"}]


def test_what_is_not_there_is_left_out(core: Flask) -> None:
    names, _ = asked_of({"a": "安"})
    assert "z" not in names.of({"a", "z"})


@pytest.mark.parametrize("forgotten", [True, False])
def test_it_is_read_anew_when_it_was_changed_or_a_minute_is_over(
    core: Flask, monkeypatch: pytest.MonkeyPatch, forgotten: bool
) -> None:
    known = {"a": "安"}
    names, asked = asked_of(known)
    names.of({"a"})
    known["a"] = "岸"
    assert names.of({"a"})["a"] == "安"
    if forgotten:
        names.forget()
    else:
        monkeypatch.setattr(lately, "A_MINUTE", -1.0)
    assert names.of({"a"})["a"] == "岸"
    assert asked == [{"a"}, {"a"}]
