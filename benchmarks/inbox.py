"""B-C1: one callback, verified, stored once and answered, against a Flask route that does nothing."""

from collections.abc import Callable, Iterator
from itertools import count, islice
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session
from benchmarks.browser import Answer, Browser
from benchmarks.lists import trivial
from benchmarks.measure import A_FEW, TURNS, in_turn
from benchmarks.report import Report
from callbacks.models import InboxEvent
from tests.wecom.envelope import Sender

EVENT = (
    "<xml><ToUserName>{corp}</ToUserName><FromUserName>member{n}</FromUserName><CreateTime>{at}</CreateTime>"
    "<MsgType>event</MsgType><Event>enter_agent</Event><EventKey></EventKey><AgentID>1000002</AgentID></xml>"
)

Letter = tuple[str, bytes]
"""Path and body of a callback."""


def against_trivial(report: Report, app: Flask, *, dialect: str) -> None:
    """B-C1, every callback a new event."""
    numbers = count()
    # Sealed beforehand, so that only the answering is timed.
    browser, wanted = Browser(app), (TURNS + 1) * A_FEW
    letters = iter([ready(browser, letter) for letter in islice(sealed(app, numbers), wanted)])
    times = in_turn({"callback": lambda: _taken(next(letters)), "trivial": Browser(trivial()).ready("/")})
    note = f"{times['callback'] * 1000:.2f} ms ÷ {times['trivial'] * 1e6:.0f} µs"
    with app.app_context():
        stored = session().execute(sa.select(sa.func.count()).select_from(InboxEvent)).scalar_one()
    assert stored == wanted, "every event is stored once"
    report.add("B-C1", dialect, times["callback"] / times["trivial"], note)


def ready(browser: Browser, letter: Letter) -> Callable[[], Answer]:
    """The request that brings it."""
    path, body = letter
    return browser.ready(path, method="POST", body=body, content_type="text/xml")


def _taken(send: Callable[[], Answer]) -> None:
    assert send().status == 200


def sealed(app: Flask, numbers: Iterator[int]) -> Iterator[Letter]:
    """New events without end, as WeCom posts them."""
    settings = app.config["SETTINGS"]
    sender = Sender(settings.WECOM_TOKEN, settings.WECOM_ENCODING_AES_KEY, settings.WECOM_CORP_ID)
    at = int(clock.now().timestamp())
    for n in numbers:
        args, body = sender.post(EVENT.format(corp=settings.WECOM_CORP_ID, n=n, at=at))
        yield "/callbacks/wecom?" + urlencode(args), body
