"""Who is told of a 跑腿, in which letter."""

from app.db import Session
from app.notices.telling import Letter, Recipient, Telling
from app.people.models import Person
from tests.insight.errand.models import KIND, Errand

ASK, DELIVER, URGE = "errand.ask", "errand.deliver", "errand.urge"
REMIND, LATE, CALL_OFF, ADD_FILES = "errand.remind", "errand.late", "errand.call_off", "errand.add_files"


def to_runner(current: Session, row: Errand, act: str, *, presses: bool = True) -> Telling:
    """To who runs, with the button where there is something to do."""
    closes = (("送到", DELIVER),) if presses else ()
    views = () if presses else (("查看", ""),)
    letter = Letter(f"{act}.runner", row.what, buttons=views, presses=closes, about=KIND, noun="个跑腿")
    return _telling(letter, current.get_one(Person, row.runner_id), row)


def to_asker(current: Session, row: Errand, act: str) -> Telling:
    """To who asked, in the app alone."""
    letter = Letter(f"{act}.asker", row.what, in_app=True)
    return _telling(letter, current.get_one(Person, row.asker_id), row)


def _telling(letter: Letter, to: Person, row: Errand) -> Telling:
    who = Recipient(to.id, to.userid, to.name, to.left_at is not None)
    return Telling(letter, who, {"errand": row.what}, points=(), link=f"/errands/{row.id}", about_id=row.id)
