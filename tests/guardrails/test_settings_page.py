"""docs/settings.md lists the settings of the program, with their defaults."""

import re

from app.settings import Settings
from tests.guardrails.pages import ROOT, rows_below, text_of

OF_THE_PROCESSES = {"PORT", "WEB_CONCURRENCY", "SIMULATOR_PORT", "SIMULATOR_DB", "SIMULATOR_SEED"}


def settings_table() -> dict[str, str]:
    rows = rows_below("| 变量 | 默认 | 说明 |", page="docs/settings.md")
    return {name.strip("`"): default.strip("`") for name, default, _ in rows}


def test_the_settings_are_those_of_the_program_and_of_the_example():
    example = set(re.findall(r"^(?:# )?([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))

    assert set(settings_table()) == set(Settings.model_fields) | OF_THE_PROCESSES
    assert set(settings_table()) == example


def test_the_defaults_are_those_of_the_program():
    said = settings_table()
    for name, field in Settings.model_fields.items():
        if field.is_required():
            assert said[name] == "", f"{name} has no default"
        elif str(ROOT) in str(field.default):
            assert str(field.default).endswith("/" + said[name]), name
        else:
            assert said[name].replace("空", "") == str(field.default), name
