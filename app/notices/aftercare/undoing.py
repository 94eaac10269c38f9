"""How much of a sent message can still be undone, by its age: recalled, its card changed, nothing. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

RECALLABLE = timedelta(hours=24)  # message/recall, D 94867
CODE_LASTS = timedelta(hours=72)  # a response_code, D 94888


class Rung(StrEnum):
    """What can be done."""

    RECALL = "recall"
    CHANGE = "change"
    NOTHING = "nothing"


def rung(
    *, withdraws: bool, too_late: bool, sent_at: datetime, has_code: bool, code_since: datetime, now: datetime
) -> Rung:
    """The highest rung that is left.

    `withdraws`: the message itself should go; `too_late`: WeCom already
    refused to recall it. `code_since` is when the response_code was given.
    """
    if withdraws and not too_late and now < sent_at + RECALLABLE:
        return Rung.RECALL
    return Rung.CHANGE if has_code and now < code_since + CODE_LASTS else Rung.NOTHING
