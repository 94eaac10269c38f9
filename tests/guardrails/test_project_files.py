"""Files that no program of ours reads must stay true as well: settings, locks, images, services, licences."""

import configparser
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from honcho.environ import parse_procfile

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TARGETS = (
    *("setup", "demo", "demo-reset", "check", "test", "coverage", "mutants", "lint", "bench", "screenshots"),
)
ENTRY_COMMANDS = ('gunicorn "wsgi:create_app()"', "python -m scheduler", "python -m app.simulator")
OF_A_MACHINE = re.compile(r"https?://|file:|git\+|\"resolved\"|/work\b|/root\b|/home\b|/tmp\b|/opt\b")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def packaging() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def plain(requirement: str) -> str:
    """The normalised name in a requirement line."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def required(*extras: str) -> set[str]:
    parser = packaging()
    lines = parser.get("options", "install_requires").split("\n")
    for extra in extras:
        lines += parser.get("options.extras_require", extra, raw=True).split("\n")
    return {plain(line) for line in lines if line.strip() and not line.startswith("%")}


@pytest.mark.parametrize("name", ["constraints.txt", "package-lock.json", "package.json"])
def test_lock_files_name_neither_a_registry_nor_a_machine(name):
    assert OF_A_MACHINE.findall(text(name)) == []


@pytest.mark.proves("X-S22")
def test_every_dependency_is_pinned():
    pins = [line for line in text("constraints.txt").splitlines() if line.strip()]

    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in pins)
    assert required("postgres", "dev") <= {plain(line) for line in pins}


def test_the_lock_of_the_front_end_agrees_with_what_it_asks_for():
    wanted = json.loads(text("package.json"))["dependencies"]
    locked = json.loads(text("package-lock.json"))["packages"]

    assert locked[""]["dependencies"] == wanted
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all("integrity" in entry for name, entry in locked.items() if name)


def test_every_setting_stands_in_the_example_below_a_chinese_comment():
    lines = text(".env.example").splitlines()
    explained = {}
    for above, line in itertools.pairwise(lines):
        if found := re.match(r"(?:# )?([A-Z_]+)=", line):
            explained[found[1]] = above.startswith("# ") and bool(CHINESE.search(above))

    assert set(Settings.model_fields) <= set(explained)
    no_comment_of_its_own = {"SIMULATOR_DB"}  # shares the one of SIMULATOR_PORT
    assert {name for name, said in explained.items() if not said} == no_comment_of_its_own


def test_the_example_holds_no_secret_and_no_demo_value():
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", text(".env.example"), re.MULTILINE))

    assert values["MODE"] == "production"
    assert all(values[name] == "" for name in values if name.endswith(("SECRET", "KEY", "TOKEN", "ID")))


def test_the_notice_names_every_package_we_ask_for():
    notice = {
        re.sub(r"[-_.]+", "-", word).lower()
        for word in re.findall(r"[A-Za-z0-9._-]*[A-Za-z0-9]", text("NOTICE"))
    }
    browser = {plain(name) for name in json.loads(text("package.json"))["dependencies"]}

    assert required("postgres", "dev") | browser <= notice


def test_the_procfile_holds_the_three_programs_and_the_web_first():
    processes = parse_procfile(text("Procfile")).processes

    assert list(processes) == ["web", "scheduler", "simulator"]  # honcho gives PORT to the first
    assert tuple(processes.values()) == ENTRY_COMMANDS


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_its_targets(target):
    plan = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert plan.returncode == 0, plan.stderr
    assert f"make {target} " in text("Makefile")  # make help names it


def test_ci_runs_what_developers_run():
    script = text(".ci/run")

    assert script.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script
    assert script.rstrip().endswith("make test")
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.proves("X-A14")
def test_gunicorn_accepts_its_configuration():
    checked = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "wsgi:create_app()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


def test_gunicorn_refuses_bad_settings_with_a_sentence():
    checked = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "wsgi:create_app()"],
        cwd=ROOT,
        env=os.environ | {"SECRET_KEY": "short"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 1
    assert checked.stderr.startswith("设置有误：\n  SECRET_KEY：")


def test_compose_runs_web_and_one_scheduler_after_the_migration():
    services = yaml.safe_load(text("compose.yaml"))["services"]

    assert set(services) == {"db", "prepare", "web", "scheduler"}
    assert services["scheduler"]["command"] == ["python", "-m", "scheduler"]
    assert services["prepare"]["command"][-1] == "flask db upgrade && flask places import"
    for name in ("web", "scheduler"):
        assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"


def test_compose_opens_nothing_to_the_world_and_gives_few_rights():
    services = yaml.safe_load(text("compose.yaml"))["services"]

    assert [port for service in services.values() for port in service.get("ports", [])] == [
        "127.0.0.1:8000:8000"
    ]
    for name in ("prepare", "web", "scheduler"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert set(services[name]["environment"]) <= set(Settings.model_fields)


def dockerfile() -> list[tuple[str, str]]:
    """(instruction, its words) of the Dockerfile."""
    joined = re.sub(r"\\\n\s*", "", text("Dockerfile"))
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def test_the_image_runs_as_nobody_with_pinned_packages():
    steps = dockerfile()
    users = [words for step, words in steps if step == "USER"]

    assert users == ["service-tasks"]
    assert any("-c constraints.txt" in words for step, words in steps if step == "RUN")
    assert any("npm ci" in words for step, words in steps if step == "RUN")


def test_the_image_starts_the_web_and_can_be_asked_for_its_health():
    steps = dict(dockerfile())

    command = json.loads(steps["CMD"])
    assert (command[0], command[-1]) == ("gunicorn", "wsgi:create_app()")
    assert "--no-control-socket" in command
    assert "/healthz" in steps["HEALTHCHECK"]


def test_what_the_image_copies_is_there_and_what_it_must_not_have_is_left_out():
    for step, words in dockerfile():
        if step == "COPY" and not words.startswith("--from"):
            assert all((ROOT / source).exists() for source in words.split()[:-1])
    assert {".env", ".git", ".venv", "var"} <= set(text(".dockerignore").split())


@pytest.mark.parametrize(
    ("unit", "command"),
    [
        ("service-tasks-web.service", 'gunicorn --no-control-socket "wsgi:create_app()"'),
        ("service-tasks-scheduler.service", "python -m scheduler"),
    ],
)
def test_services_start_our_programs_with_few_rights(unit, command):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text(f"deploy/{unit}"))
    service = parser["Service"]

    assert service["ExecStart"].endswith("/bin/" + command)
    assert service["User"] == "service-tasks"
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "true")
    assert service["EnvironmentFile"] == "/etc/service-tasks.env"


@pytest.mark.proves("X-S15")
def test_the_proxy_overwrites_what_visitors_claim_and_logs_no_query():
    config = text("deploy/nginx.conf.example")

    assert config.count("{") == config.count("}")
    assert "X-Forwarded-For $remote_addr;" in config
    assert "X-Forwarded-Proto $scheme;" in config
    assert "client_max_body_size" in config
    assert '$request_uri"' not in config
    assert '"$request"' not in config
