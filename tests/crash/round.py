"""The product under fire: killed without warning again and again, while the stand-in fails three calls in ten.

People publish, feed back and urge over HTTP and repeat what was not acknowledged, as a
phone does. Afterwards everything must be there once: in the database, and at every person.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import requests

from app.settings import ROOT
from tests.crash.people import Crowd
from tests.stories.demo import free_port, get
from tests.world import CAST

# Four kinds of trouble, one of them (cut) after the message was taken; three calls in ten meet one.
TROUBLES = ("cut", "reset", "502", "-1")
RATE = 1 - 0.7 ** (1 / len(TROUBLES))
PATIENCE = 90.0
A_MINUTE = 65  # how far the clock is moved on: pacing, leases and pauses are over


class Round:
    """One database, one stand-in, one crowd; programs that are killed and started again."""

    def __init__(self, folder: Path, database_url: str, *, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.chance = random.Random(seed)  # noqa: S311 - repeatable chance, no secret
        web, stand_in = free_port(), free_port()
        self.app_url, self.desk_url = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{stand_in}"
        self.ahead = 0
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WECOM_")},
            "MODE": "demo",
            "DATABASE_URL": database_url,
            "PUBLIC_BASE_URL": self.app_url,
            "PORT": str(web),
            "SIMULATOR_PORT": str(stand_in),
            "SIMULATOR_DB": str(folder / "simulator.db"),
            "SIMULATOR_SEED": str(seed),
            "UPLOAD_DIR": str(folder / "uploads"),
            "CLOCK_OFFSET_FILE": str(folder / "clock-offset"),
            "WEB_CONCURRENCY": "1",
            "DELIVERY_POLL_SECONDS": "0.05",
            "DELIVERY_RETRY_SECONDS": "0.1",
            "LOG_LEVEL": "ERROR",
        }
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        self.crowd = Crowd(database_url, self.app_url, seed=seed)

    def run(self, *, kills: int, note: Callable[[str], object] = lambda _text: None) -> list[str]:
        """Load, kills, calm; what is wrong afterwards, in sentences."""
        note(f"seed {self.seed}")
        try:
            self._start_all()
            self._make_trouble()
            done = Event()
            people = [Thread(target=self.crowd.work, args=(number, done)) for number in range(2)]
            for person in people:
                person.start()
            for number in range(kills):
                time.sleep(self.chance.uniform(0.2, 0.9))
                note(f"{number + 1}/{kills} {self._kill_one(first=number)}")
            done.set()
            for person in people:
                person.join(PATIENCE)
            self._calm_down()
            note(f"{len(self.crowd.works)} tasks, {sum(self.crowd.sent_to().values())} messages")
            return [*self.crowd.wrong(), *self._wrong_at_people()]
        finally:
            for program in self.programs.values():
                kill(program)
            self.crowd.close()

    def _start_all(self) -> None:
        organisation = self.folder / "organisation.json"
        organisation.write_text(json.dumps(_organisation(), ensure_ascii=False), encoding="utf-8")
        self._spawn("stand_in", "app.simulator", "--organisation", str(organisation))
        for name in ("web", "sender"):
            self._restart(name)
        wait_for(
            lambda: get(self.desk_url + "/desk") and get(self.app_url + "/healthz"), "the programs answer"
        )

    def _restart(self, name: str) -> None:
        if name == "web":
            self._spawn(name, "gunicorn", "wsgi:create_app()")
        else:
            self._spawn(name, "scheduler")

    def _spawn(self, name: str, module: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that its workers die with it
            )

    def _kill_one(self, *, first: int) -> str:
        """The sender and the web in turn, in an order of chance, once in a while both."""
        names = ("sender", "web") if first % 2 else ("web", "sender")
        victims = names[: 2 if self.chance.random() < 0.25 else 1]
        for name in victims:
            kill(self.programs[name])
        for name in victims:
            self._restart(name)
        self._move_clock()
        if "web" in victims:
            wait_for(lambda: get(self.app_url + "/healthz"), "the web answers again")
        return " ".join(victims)

    def _move_clock(self) -> None:
        self.ahead += A_MINUTE
        file = self.folder / "clock-offset"
        fresh = file.with_suffix(".new")
        fresh.write_text(str(self.ahead), encoding="ascii")
        fresh.replace(file)

    def _make_trouble(self) -> None:
        for kind in TROUBLES:
            self._desk("fault", kind=kind, api="message/send", rate=RATE)

    def _calm_down(self) -> None:
        """No more trouble; the clock runs until nothing waits any more."""
        self._desk("fault/clear")

        def quiet() -> bool:
            self._move_clock()
            time.sleep(0.4)
            return self.crowd.waiting() == 0

        wait_for(quiet, "the queue is empty")

    def _desk(self, lever: str, **asked: Any) -> None:
        requests.post(f"{self.desk_url}/desk/{lever}", json=asked, timeout=10).raise_for_status()

    def _wrong_at_people(self) -> list[str]:
        """What each person holds, by the stand-in, against what they were to be told."""
        wrong = []
        for userid, expected in self.crowd.sent_to().items():
            url = f"{self.desk_url}/desk/messages.json"
            told = requests.get(url, params={"userid": userid}, timeout=10).json()["messages"]
            bodies = Counter(message["task_id"] or message["body"] for message in told)
            wrong += [f"{userid} holds {count} times {body}" for body, count in bodies.items() if count > 1]
            wrong += [f"{userid}: {one['reason']}" for one in told if one["state"] != "delivered"]
            if len(told) != expected:
                wrong.append(f"{userid} holds {len(told)} messages of {expected}")
        return wrong


def _organisation() -> dict[str, Any]:
    """The cast as members of the stand-in."""
    member = {"department": [1], "position": "", "region": None, "roles": []}
    members = [
        {**member, "userid": userid, "name": name, "pinyin": userid, "initials": userid[:2]}
        for name, userid, *_ in CAST
    ]
    department = {"id": 1, "name": "示例软件", "parentid": 0, "order": 1}
    return {
        "corp": {"name": "示例软件"},
        "app": {"name": "服务任务"},
        "departments": [department],
        "regions": [],
        "members": members,
    }


def kill(program: subprocess.Popen[bytes]) -> None:
    """As a power cut would: the program and everything it started."""
    if program.poll() is None:
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def wait_for(true: Callable[[], object], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.05)
