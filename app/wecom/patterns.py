"""A card for thousands of people: put together once, then filled in with what differs from one to the next."""

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from operator import itemgetter

from app.wecom import cards
from app.wecom.cards import BadCard
from app.wecom.plain import cut

BESIDE_A_PRESS = 4  # the button that acts stands out, those that open a page are plain
LONGEST_PATHS = 1500  # of one card together: so none of its addresses grows longer than WeCom takes


class CardPattern:
    """The request that sends a `button_interaction` card, with gaps for one person's words and addresses.

    `cards` itself makes it, from marks in place of what is still unknown: what
    `filled` returns is what `cards.message` would have. `address` turns a path
    of ours and the message's uid into a whole URL; both may be marks. Buttons
    that open a page stand before those that are pressed.
    """

    def __init__(
        self,
        *,
        agent_id: int,
        source: str,
        title: str,
        has_desc: bool,
        facts: Iterable[tuple[str, str]],
        buttons: Sequence[str],
        presses: Sequence[str] = (),
        choices: int = 0,
        choices_title: str = "",
        address: Callable[[str, str], str],
    ) -> None:
        userid, uid, desc, text, link = first = _marks(5)
        paths, keys, options = _marks(len(buttons)), _marks(len(presses)), _marks(2 * choices)
        pairs = tuple(zip(options[::2], options[1::2], strict=True))
        style = BESIDE_A_PRESS if presses else 1
        opening = [
            cards.LinkButton(name, address(path, uid), style)
            for name, path in zip(buttons, paths, strict=True)
        ]
        card = cards.button_card(
            task_id=uid,
            source=source,
            title=title,
            desc=desc if has_desc else "",
            text=text,
            facts=facts,
            url=address(link, uid),
            buttons=[*opening, *map(cards.PressButton, presses, keys)],
            choices=cards.Choices(cards.CHOICES_KEY, choices_title, pairs) if pairs else None,
        )
        sample = cards.message(userid=userid, agent_id=agent_id, card=card).decode()
        marks = [*first, *paths, *keys, *options]
        pieces = re.split("|".join(marks), sample)
        self._fixed = "%s".join(piece.replace("%", "%%") for piece in pieces)
        self._in_order = itemgetter(*(marks.index(mark) for mark in re.findall("|".join(marks), sample)))

    def filled(
        self,
        *,
        userid: str,
        uid: str,
        desc: str,
        text: str,
        paths: Sequence[str],
        keys: Sequence[str] = (),
        choices: Iterable[tuple[str, str]] = (),
    ) -> bytes:
        """The frozen request bytes; `paths` are those of card and buttons, escaped for an address.

        `keys` are those of the pressed buttons, `choices` (id, text); keys and ids are plain ASCII of ours.
        """
        cards.require_userid(userid)
        if len("".join(paths)) > LONGEST_PATHS:
            raise BadCard(f"address {max(paths, key=len)[:80]!r}")
        values = [
            quoted(userid)[1:-1],
            uid,
            _desc(desc),
            quoted(cut(text, cards.LONGEST_TEXT))[1:-1],
            *paths,
            *keys,
        ]
        for option, name in choices:
            values += [option, quoted(cut(name, cards.LONGEST_OPTION))[1:-1]]
        return (self._fixed % self._in_order(values)).encode()


@lru_cache(maxsize=16_384)  # three people are told of the same place
def _desc(text: str) -> str:
    return quoted(cut(text, cards.LONGEST_DESC))[1:-1]


def _marks(number: int) -> list[str]:
    return [secrets.token_hex(8) for _ in range(number)]
