"""The whole product running on this machine: web, scheduler, stand-in, each a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import FrameLocator, Page, expect

from app.clock import SHANGHAI

ROOT = Path(__file__).resolve().parents[2]
NEXT_YEAR = datetime.now(SHANGHAI).year + 1  # always ahead, and never so far that the page asks
PATIENCE = 60.0


class Demo:
    """Starts the three programs on free ports and a database of their own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        web, stand_in = free_port(), free_port()
        self.app_url = f"http://127.0.0.1:{web}"
        self.phone_url = f"http://127.0.0.1:{stand_in}"
        self.offset = folder / "clock-offset"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WECOM_")},
            "MODE": "demo",
            "FLASK_APP": "wsgi",
            "FLASK_SKIP_DOTENV": "1",
            "DATABASE_URL": database_url,
            "PUBLIC_BASE_URL": self.app_url,
            "PORT": str(web),
            "SIMULATOR_PORT": str(stand_in),
            "SIMULATOR_DB": str(folder / "simulator.db"),
            "UPLOAD_DIR": str(folder / "uploads"),
            "CLOCK_OFFSET_FILE": str(self.offset),
            "WEB_CONCURRENCY": "1",
            "SCAN_SECONDS": "1",
        }
        self.programs: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start everything and wait until it answers."""
        self.run("flask", "demo", "seed")
        self.spawn("web", "gunicorn", "wsgi:create_app()")
        self.spawn("simulator", "app.simulator")
        self.spawn("scheduler", "scheduler")
        self.wait_for(lambda: get(f"{self.app_url}/healthz") and get(self.phone_url), "the programs answer")

    def stop(self) -> None:
        """End what was started."""
        for program in self.programs:
            program.terminate()
        for program in self.programs:
            program.wait(timeout=15)

    def run(self, module: str, *arguments: str) -> None:
        """Run a command to its end; what it printed is shown where it fails."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def spawn(self, name: str, module: str, *arguments: str) -> None:
        """Start a program that writes to a log of its own."""
        with (self.folder / f"{name}.log").open("wb") as log:
            program = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.programs.append(program)

    def logs(self) -> str:
        """The end of every program's log."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {f.name}\n{f.read_text(errors='replace')[-3000:]}" for f in files)

    def move_clock(self, *, hours: float) -> None:
        """Let the demo's time be `hours` ahead of the machine's."""
        self.offset.write_text(str(int(hours * 3600)), encoding="ascii")

    def messages(self, userid: str) -> list[dict[str, Any]]:
        """What the stand-in delivered to a member, oldest first."""
        with urllib.request.urlopen(
            f"{self.phone_url}/desk/messages.json?userid={userid}", timeout=5
        ) as answer:
            return json.load(answer)["messages"]

    def wait_for(self, true: Callable[[], Any], what: str, *, seconds: float = PATIENCE) -> None:
        """Wait until `true()` is; fail with the logs where it never is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if true():
                return
            time.sleep(0.1)
        raise AssertionError(f"{what}: not within {seconds:.0f} s\n{self.logs()}")


def press_publish(page: Page | FrameLocator) -> None:
    """发布, and once more where the page asks: the demo may have such a task open at the same places."""
    page.get_by_test_id("publish").click()
    asked = page.get_by_test_id("asked")
    expect(asked.or_(page.get_by_test_id("said")).first).to_be_visible()
    if asked.count():
        page.get_by_test_id("publish").click()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> bool:
    """True where `url` answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
