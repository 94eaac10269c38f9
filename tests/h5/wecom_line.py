"""The application and the stand-in, both served on ports of their own, and browsers without a screen."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests

from app.simulator.server import create_app as create_stand_in
from app.simulator.settings import read_settings
from tests.served import served

PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/116 Mobile MicroMessenger/8.0 wxwork/4.1.30"
T = TypeVar("T")


@dataclass
class Window:
    """A browser with cookies of its own, one step at a time."""

    app: str
    stand_in: str
    agent: str = PHONE
    jar: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, jar: Mapping[str, str] | None = None) -> requests.Response:
        """One answer, redirects not followed; its cookies are kept."""
        address = url if url.startswith("http") else self.app + url
        answer = requests.get(
            address,
            cookies=dict(self.jar if jar is None else jar),
            headers={"User-Agent": self.agent},
            allow_redirects=False,
            timeout=60,
        )
        self.keep(answer)
        return answer

    def keep(self, answer: requests.Response) -> None:
        """Take over what an answer sets and forget what it deletes."""
        for header in answer.raw.headers.getlist("Set-Cookie"):
            name, value = header.split(";")[0].split("=", 1)
            self.jar[name] = value
            if "Max-Age=0" in header:
                del self.jar[name]

    def way_back(self, path: str, member: str = "wangqiang") -> str:
        """Begin a round at `path`, pass WeCom's page as `member`; the address that leads back to the app."""
        self.jar["simulator_member"] = member
        to_wecom = self.get(path).headers["Location"]
        return str(self.get(to_wecom).headers["Location"])


def at_once(*acts: Callable[[], T]) -> list[T]:
    """Do all of these at the same moment; what came of each."""
    gate, found = threading.Barrier(len(acts)), {}

    def do(number: int, act: Callable[[], T]) -> None:
        gate.wait()
        found[number] = act()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in range(len(acts))]


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@contextmanager
def stand_in_at(port: int, folder: Path, app_url: str) -> Iterator[Any]:
    """The stand-in for the app at `app_url`; yields its world."""
    settings = read_settings(
        {
            "SIMULATOR_PORT": str(port),
            "SIMULATOR_DB": str(folder / "simulator.db"),
            "CLOCK_OFFSET_FILE": str(folder / "stand-in-clock"),
            "PUBLIC_BASE_URL": app_url,
        }
    )
    app = create_stand_in(settings)
    world = app.extensions["simulator"]
    with served(app, port):
        yield world
    world.close()
