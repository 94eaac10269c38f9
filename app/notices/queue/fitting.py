"""Texts longer than a card's: their lists give way, and say so with their number; words stay as they are. Pure."""

from collections.abc import Sequence

from app.notices.telling import Listed

ON_THE_PAGE = "，见页面"

Sentence = Sequence[str]
"""One filled wording in pieces: what is a `Listed` may be shortened, everything else is said as it is."""


def fitted(sentences: Sequence[Sentence], *, longest: int) -> str:
    """The sentences one below the other, in at most `longest` characters where their lists allow it.

    Long lists give way to short ones. What is shortened stops after a whole entry and says how many there
    are. A text whose words alone are too long stays longer: its lists are as short as they can be.
    """
    pieces = [piece for sentence in sentences for piece in ("\n", *sentence)][1:]
    lists = {n: piece for n, piece in enumerate(pieces) if isinstance(piece, Listed)}
    words = sum(len(piece) for n, piece in enumerate(pieces) if n not in lists)
    room = longest - words - sum(map(_least, lists.values()))  # beyond what every list needs
    shortest_first = sorted(lists, key=lambda n: len(lists[n]))
    for done, n in enumerate(shortest_first):
        share = max(room, 0) // (len(lists) - done)
        pieces[n] = _shortened(lists[n], _least(lists[n]) + share)
        room -= len(pieces[n]) - _least(lists[n])
    return "".join(pieces)


def _count(listed: Listed) -> str:
    return f"{listed.number}{listed.unit}{ON_THE_PAGE}"


def _least(listed: Listed) -> int:
    """How long it is at its shortest."""
    return min(len(listed), len(f"（{_count(listed)}）"))


def _shortened(listed: Listed, longest: int) -> str:
    """As many whole entries as there is room for, and how many there are in all; at least that."""
    if len(listed) <= longest:
        return listed
    count = _count(listed)
    named = _entries(listed, longest - len(f"（等{count}）")) if listed.number > 1 else ""
    return f"{named}（等{count}）" if named else f"（{count}）"


def _entries(listed: Listed, longest: int) -> str:
    """The whole entries in the first `longest` characters; the finer separators where the coarse leave half empty."""
    best = 0
    for separator in listed.separators:
        end = listed.rfind(separator, 0, max(longest, 0) + len(separator))
        if best <= longest // 2:
            best = max(best, end)
    return listed[: max(best, 0)].rstrip("；\n")
