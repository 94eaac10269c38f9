"""What kinds of messages there are, by the act they tell of, and which of them a person may mute. Pure."""

from dataclasses import dataclass

from app.notices.wordings import files
from app.notices.wordings.files import act_of, audience_of

__all__ = ["act_of", "audience_of"]


def _gathers(act: str) -> bool:
    known = files.read().acts.get(act)
    return known is not None and known.gathers


SEVERAL = {key: text.several for key, text in files.read().texts.items() if text.several}
"""What many of a wording are said by, the most demanding first."""
GATHERING = (
    *(key for key in files.read().texts if _gathers(act_of(key))),
    *(one.wording for one in SEVERAL.values()),
)
"""Wordings that repeat what stands in messages of their own."""


@dataclass(frozen=True)
class Choice:
    """A wording that its reader may have in the app only."""

    wording: str
    name: str
    hint: str


# What somebody must do, or must stop doing, always rings; copies for information may be read in the app.
CHOICES = tuple(
    Choice(key, text.choice, text.hint) for key, text in files.read().texts.items() if text.choice
)
ALWAYS = tuple(act.name for act in files.read().acts.values() if act.always)


def acts() -> dict[str, files.Act]:
    """Act → what people call it, in the order of 消息."""
    return files.read().acts


def name_of(wording: str) -> str:
    """publish.implementer → 任务发布."""
    act = act_of(wording)
    return acts()[act].name if act in acts() else act


def title_of(wording: str) -> str:
    """send_back.implementer → 打回提醒."""
    act = act_of(wording)
    return acts()[act].title if act in acts() else act
