"""The chat as its members see it: the stand-in and the app, each behind HTTP, both told the same time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import clock
from app.db import session
from app.notices.aftercare.carrying import amend_due
from app.notices.sending.messages import deliver_due
from app.simulator import server
from app.simulator.api_messages import new_response_code
from app.simulator.settings import read_settings
from app.simulator.world import World as Simulated
from callbacks import inbox
from tests.told_time import ToldTime
from tests.world import CAST

SOON = 5.0
Wsgi = Callable[..., Any]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the stand-in records its calls itself."""


@contextmanager
def served(app: Wsgi) -> Iterator[str]:
    """`app` on a free port; yields its address."""
    http = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        http.server_close()


class Door:
    """One address for the app under test, whichever application stands behind it at the moment."""

    app: Flask

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """The WSGI call."""
        return self.app(environ, start)


@dataclass
class Office:
    """The stand-in with the cast as its members, and the way back to the app."""

    simulated: Simulated
    http: Flask
    base: str
    door: Door


@contextmanager
def open_office(folder: Path) -> Iterator[Office]:
    """One stand-in for many tests; `Chat.open` makes it new again."""
    people = [{"userid": userid, "name": name, "department": [1]} for name, userid, *_ in CAST]
    departments = [{"id": 1, "name": "示例软件", "parentid": 0}]
    organisation = folder / "organisation.json"
    organisation.write_text(json.dumps({"departments": departments, "members": people}), encoding="utf-8")
    door = Door()
    with served(door) as address:
        places = {"SIMULATOR_DB": str(folder / "chat.db"), "CLOCK_OFFSET_FILE": str(folder / "clock")}
        app = server.create_app(
            read_settings(places | {"PUBLIC_BASE_URL": address}, organisation=str(organisation))
        )
        simulated: Simulated = app.extensions["simulator"]
        # Both sides are told the time: signatures, codes and recalls are judged by their age.
        simulated.clock.now = lambda: clock.now().timestamp()  # type: ignore[method-assign]
        with served(app) as base:
            yield Office(simulated, app, base, door)
        simulated.close()


class Chat:
    """What members see and press, and the two jobs that carry it to and fro."""

    def __init__(self, app: Flask, office: Office, told_time: ToldTime) -> None:
        self.app, self.office, self.time = app, office, told_time
        self.wecom = app.extensions["wecom"]
        office.simulated.reset()
        office.door.app = app
        self.visitor = office.http.test_client()

    def deliver(self) -> None:
        """What waits is sent, recalled and changed."""
        deliver_due(self.wecom)
        amend_due(self.wecom)

    def later(self, **duration: float) -> None:
        """Time goes by."""
        self.time.moment += timedelta(**duration)

    def messages(self, userid: str) -> list[dict[str, Any]]:
        """What the member was sent, oldest first: `state`, `button`, `body` as it looks now."""
        found = self.visitor.get("/desk/messages.json", query_string={"userid": userid})
        return list(found.json["messages"])

    def card(self, userid: str, number: int = -1) -> dict[str, Any]:
        """One message as the member sees it, the newest unless told otherwise."""
        return self.messages(userid)[number]

    def says(self, userid: str, number: int = -1) -> tuple[str, str]:
        """The line and the grey word of a card; empty where it has none."""
        body = self.card(userid, number)["body"]
        return body.get("quote_area", {}).get("quote_text", ""), body.get("replace_text", "")

    def fails(self, kind: str, api: str, *, times: int = 1) -> None:
        """Let the next calls go wrong."""
        assert (
            self.visitor.post("/desk/fault", json={"kind": kind, "api": api, "remaining": times}).status_code
            < 300
        )

    def press(self, userid: str, text: str = "办结", *, number: int = -1, chosen: str = "") -> None:
        """The member presses a button; the callback arrives, is worked off, and the card answers."""
        self.press_only(userid, text, number=number, chosen=chosen)
        self.work_off()

    def press_only(self, userid: str, text: str = "办结", *, number: int = -1, chosen: str = "") -> None:
        """The member presses a button, and the app has stored the callback."""
        card = self.card(userid, number)
        [key] = [button["key"] for button in card["body"]["button_list"] if button["text"] == text]
        self.report(userid, card["msgid"], key, chosen=self._chosen(card, chosen))

    def report(
        self, userid: str, msgid: str, key: str, *, chosen: dict[str, list[str]] | None = None
    ) -> None:
        """WeCom posts a press of any key; back when the app has taken it."""
        asked = {"msgid": msgid, "key": key, "chosen": chosen or {}}
        answer = self.visitor.post(f"/phone/{userid}/press", json=asked)
        assert answer.status_code == 204, answer.json
        self._wait(lambda: all(state == "done" for state in self._callbacks()))

    def report_unheard_of(self, userid: str, msgid: str, key: str) -> None:
        """As `report`, of a key that no card of the phone has: the client would not let it be pressed."""
        here = self.office.simulated
        with here.store.use() as db:
            [uid] = db.execute("SELECT task_id FROM message WHERE msgid = ?", (msgid,)).fetchone()
            code = new_response_code(db, msgid, userid, here.clock.now())
        here.callbacks.event(
            "template_card_event",
            userid,
            EventKey=key,
            TaskId=uid,
            CardType="button_interaction",
            ResponseCode=code,
        )
        self._wait(lambda: all(state == "done" for state in self._callbacks()))

    def work_off(self) -> None:
        """The inbox job and the one that changes cards, as if just started: what the test read is over."""
        session().rollback()
        inbox.work_off()
        amend_due(self.wecom)

    def _chosen(self, card: dict[str, Any], place: str) -> dict[str, list[str]]:
        selection = card["body"].get("button_selection")
        if selection is None:
            return {}
        [option] = [one["id"] for one in selection["option_list"] if one["text"] == place]
        return {selection["question_key"]: [option]}

    def _callbacks(self) -> list[str]:
        with self.office.simulated.store.use() as db:
            return [row["state"] for row in db.execute("SELECT state FROM callback")]

    def _wait(self, true: Callable[[], bool]) -> None:
        pause = Event()
        for _ in range(int(SOON / 0.01)):
            if true():
                return
            pause.wait(0.01)
        raise AssertionError("the callback was not taken in time")
