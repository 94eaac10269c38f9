"""B-C1: one callback, verified, stored once and answered, against a Flask route that does nothing."""

from collections.abc import Callable, Iterator
from itertools import count
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask

from app import clock
from app.db import session
from benchmarks.browser import Answer, Browser
from benchmarks.lists import trivial
from benchmarks.measure import alternate, each
from benchmarks.report import Report
from callbacks.models import InboxEvent
from tests.wecom.envelope import Sender

TIMES = 200
EVENT = (
    "<xml><ToUserName>{corp}</ToUserName><FromUserName>member{n}</FromUserName><CreateTime>{at}</CreateTime>"
    "<MsgType>event</MsgType><Event>enter_agent</Event><EventKey></EventKey><AgentID>1000002</AgentID></xml>"
)


def against_trivial(report: Report, app: Flask, *, dialect: str) -> None:
    """B-C1, every callback a new event."""
    numbers = count()
    nothing = Browser(trivial()).ready("/")

    def callbacks() -> float:
        letters = _letters(app, numbers)
        return each(lambda: _taken(next(letters)), times=TIMES)

    times = alternate({"callback": callbacks, "trivial": lambda: each(nothing, times=10 * TIMES)})
    note = f"{times['callback'] * 1000:.2f} ms ÷ {times['trivial'] * 1e6:.0f} µs"
    with app.app_context():
        stored = session().execute(sa.select(sa.func.count()).select_from(InboxEvent)).scalar_one()
    assert stored == next(numbers), "every event is stored once"
    report.add("B-C1", dialect, times["callback"] / times["trivial"], note)


def _taken(send: Callable[[], Answer]) -> None:
    assert send().status == 200


def _letters(app: Flask, numbers: Iterator[int]) -> Iterator[Callable[[], Answer]]:
    """Requests sealed beforehand, so that only the answering is timed."""
    settings = app.config["SETTINGS"]
    sender = Sender(settings.WECOM_TOKEN, settings.WECOM_ENCODING_AES_KEY, settings.WECOM_CORP_ID)
    browser = Browser(app)
    at = int(clock.now().timestamp())
    sealed = []
    for n in (next(numbers) for _ in range(TIMES)):
        args, body = sender.post(EVENT.format(corp=settings.WECOM_CORP_ID, n=n, at=at))
        path = "/callbacks/wecom?" + urlencode(args)
        sealed.append(browser.ready(path, method="POST", body=body, content_type="text/xml"))
    return iter(sealed)
