"""Texts longer than a WeCom message: what is left out is said with its number, never just cut. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One filled wording; `ending` is how its sentence closes after the last value."""

    text: str
    ending: str
    points: int


def fitted(parts: Sequence[Part], *, space: int) -> str:
    """The parts one below the other, in at most `space` bytes of UTF-8.

    Long lists give way to short texts. What is shortened stops after a whole entry, says how many
    points there are, and keeps the end of its sentence.
    """
    texts = [part.text for part in parts]
    left = space - (len(parts) - 1)  # a line break between any two
    shortest_first = sorted(range(len(parts)), key=lambda n: _size(texts[n]))
    for done, n in enumerate(shortest_first):
        share = left // (len(parts) - done)
        if _size(texts[n]) > share:
            texts[n] = _shortened(parts[n], share)
        left -= _size(texts[n])
    return "\n".join(texts)


def _shortened(part: Part, longest: int) -> str:
    said = f"……等{part.points}个点位" if part.points > 1 else "……"
    closing = said + part.ending
    if _size(closing) > longest // 2:  # an ending that would leave no room for what it ends
        closing = said
    kept = part.text.removesuffix(part.ending).encode()[: max(longest - _size(closing), 0)]
    return _to_the_last_entry(kept.decode(errors="ignore")) + closing


def _to_the_last_entry(text: str) -> str:
    """Without the entry that was cut in its middle: entries end at ；, their places at 、."""
    for separators in ("；\n", "、"):
        end = max(text.rfind(one) for one in separators)
        if end > len(text) // 2:
            return text[:end].rstrip("；\n")
    return text


def _size(text: str) -> int:
    return len(text.encode())
