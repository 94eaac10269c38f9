"""Which placeholders a wording may use, and what is wrong with a text that somebody wrote. Pure."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from app.notices.wordings import files
from app.notices.wordings.catalogue import Wording, placeholders, placeholders_in, without_placeholders

HEAD = re.compile(r"^【[^【】]{1,20}】(?=[：:])")
BRACKETS = re.compile(r"【[^【】]*】|[【】]")
TYPO = "登击"


@dataclass(frozen=True)
class Checked:
    """What is wrong with a text: `unknown` cannot be sent, `missing` must be meant, `hints` are advice."""

    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


def offered(shipped: Wording) -> dict[str, str]:
    """What a text may use in place of the shipped one, with what it stands for."""
    own = [written for written, _ in placeholders_in(shipped.text)]
    shared = files.read().texts[shipped.key].everywhere
    means = {one.written: one.means for one in files.read().placeholders}
    return {written: means[written] for written in dict.fromkeys([*own, *shared])}


def check(shipped: Wording, text: str) -> Checked:
    """Compare a text with the shipped one, sentence by sentence for who wrote it."""
    allowed = offered(shipped)
    known = placeholders()
    keys = {known[written] for written in allowed}
    used = placeholders_in(text)
    foreign = [written for written, key in used if key not in keys]
    rest = without_placeholders(HEAD.sub("", text) if not text.startswith(tuple(known)) else text)
    unknown = [
        *(f"{written}在这段通知里没有内容可填，请去掉。" for written in dict.fromkeys(foreign)),
        *(_explained(bracket, allowed) for bracket in dict.fromkeys(BRACKETS.findall(rest))),
    ]
    present = {key for _, key in used}
    missing = [written for written, key in placeholders_in(shipped.text) if key not in present]
    return Checked(tuple(unknown), tuple(dict.fromkeys(missing)), tuple(_hints(text)))


def _explained(bracket: str, allowed: dict[str, str]) -> str:
    if len(bracket) == 1:
        return f"有一个不成对的“{bracket}”，请补全或去掉。"
    similar = get_close_matches(bracket, allowed, n=1, cutoff=0.5)
    advice = f"是不是想写{similar[0]}？" if similar else "请从下面的占位里选，或改用“”。"
    return f"没有{bracket}这个占位，发出后会原样显示。{advice}"


def _hints(text: str) -> list[str]:
    if TYPO in text:
        return [f"“{TYPO}”疑为“点击”，需求原文如此。可以改成“点击”，也可以保持原文。"]
    return []
