"""`make demo`: refuses clearly, starts everything, ends everything."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
LAUNCHER = [sys.executable, str(ROOT / "scripts" / "demo.py")]
PATIENCE_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Two free ports, and everything that is written under `tmp_path`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WECOM_")} | {
        "PORT": str(free_port()),
        "SIMULATOR_PORT": str(free_port()),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "SIMULATOR_DB": str(tmp_path / "simulator.db"),
        "UPLOAD_DIR": str(tmp_path / "uploads"),
        "CLOCK_OFFSET_FILE": str(tmp_path / "clock-offset"),
    }


def refusal(environment: dict[str, str], *words: str) -> str:
    """What the launcher says before it gives up."""
    done = subprocess.run(
        [*LAUNCHER, *words], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    return done.stderr


def test_a_port_in_use_is_named_before_anything_starts(environment, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["SIMULATOR_PORT"])))
        other.listen()
        said = refusal(environment)

    assert said.startswith(f"端口 {environment['SIMULATOR_PORT']} 已被占用，演示没有启动。")
    assert "make demo PORT=8010 SIMULATOR_PORT=8011" in said
    assert not (tmp_path / "app.db").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PORT": "eight"}, "PORT 应为 1 到 65535 之间的端口号，现在是 'eight'。"),
        ({"PORT": "70000"}, "PORT 应为 1 到 65535 之间的端口号，现在是 '70000'。"),
        ({"PORT": "9", "SIMULATOR_PORT": "9"}, "PORT 和 SIMULATOR_PORT 不能都是 9"),
        ({"MODE": "production"}, "演示只能在 MODE=demo 下运行"),
    ],
)
def test_what_cannot_work_is_said_at_once(environment, changes, sentence):
    assert sentence in refusal(environment | changes)


def test_a_database_elsewhere_is_never_emptied(environment):
    assert "设置了 DATABASE_URL，它可能不是演示数据，不会清空。" in refusal(environment, "--reset")


@pytest.fixture
def launched(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo, started as `make demo` starts it."""
    launcher = subprocess.Popen(
        [*LAUNCHER, "--log", str(tmp_path / "demo.log")], env=environment, stdout=subprocess.PIPE, text=True
    )
    with launcher:
        yield launcher
        launcher.terminate()


def lines_until(launcher: subprocess.Popen[str], pattern: str) -> list[str]:
    assert launcher.stdout is not None
    lines: list[str] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        lines.append(launcher.stdout.readline())
        if re.search(pattern, lines[-1]) or not lines[-1]:
            return lines
    raise AssertionError(f"no {pattern} in {lines}")


def test_it_prints_one_url_and_ends_without_orphans(launched, environment, tmp_path):
    said = "".join(lines_until(launched, "Ctrl-C"))
    urls = re.findall(r"http://\S+", said)

    assert urls == [f"http://127.0.0.1:{environment['SIMULATOR_PORT']}/"], said
    with urllib.request.urlopen(urls[0], timeout=10) as page:
        assert page.status == 200
    family = psutil.Process(launched.pid).children(recursive=True)
    assert len(family) >= 4

    began = time.monotonic()
    launched.send_signal(signal.SIGINT)
    launched.wait(20)
    assert time.monotonic() - began < 7  # honcho's five seconds and some for a busy machine
    assert launched.returncode == 0
    assert [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
