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
LONGEST_PATH = (
    1000  # escaped, with what a button adds: so none of its addresses grows longer than WeCom takes
)


class CardPattern:
    """The request that sends a `button_interaction` card, with gaps for one person's words and addresses.

    `cards` itself makes it, from marks in place of what is still unknown: what
    `filled` returns is what `cards.message` would have. `address` turns a path
    of ours and the message's uid into a whole URL; both may be marks. `buttons`
    open a page: (text, what follows the card's path, escaped for an address);
    they stand before `presses`: (text, key).
    """

    def __init__(
        self,
        *,
        agent_id: int,
        source: str,
        title: str,
        has_desc: bool,
        facts: Iterable[tuple[str, str]],
        buttons: Sequence[tuple[str, str]],
        presses: Sequence[tuple[str, str]] = (),
        choices: int = 0,
        choices_title: str = "",
        address: Callable[[str, str], str],
    ) -> None:
        userid, uid, desc, text, path, after = first = _marks(6)
        options = _marks(2 * choices)
        pairs = tuple(zip(options[::2], options[1::2], strict=True))
        style = BESIDE_A_PRESS if presses else 1
        card = cards.button_card(
            task_id=uid,
            source=source,
            title=title,
            desc=desc if has_desc else "",
            text=text,
            facts=facts,
            url=address(path, uid),
            buttons=[
                *(cards.LinkButton(name, address(path + more, uid), style) for name, more in buttons),
                *(cards.PressButton(name, key + after) for name, key in presses),
            ],
            choices=cards.Choices(cards.CHOICES_KEY, choices_title, pairs) if pairs else None,
        )
        sample = cards.message(userid=userid, agent_id=agent_id, card=card).decode()
        marks = [*first, *options]
        pieces = re.split("|".join(marks), sample)
        # Bytes, for most of a card is what they all have in common: only what is filled in is still to be encoded.
        self._fixed = "%b".join(piece.replace("%", "%%") for piece in pieces).encode()
        self._in_order = itemgetter(*(marks.index(mark) for mark in re.findall("|".join(marks), sample)))
        self._longest_path = LONGEST_PATH - max((len(more) for _, more in buttons), default=0)

    def filled(
        self,
        *,
        userid: str,
        uid: str,
        desc: str,
        text: str,
        path: str,
        after: str = "",
        choices: Iterable[tuple[str, str]] = (),
    ) -> bytes:
        """The frozen request bytes; `path` is escaped for an address.

        `after` follows the keys of the pressed buttons, `choices` are (id, text); it and the ids are plain
        ASCII of ours.
        """
        cards.require_userid(userid)
        if len(path) > self._longest_path:
            raise BadCard(f"address {path[:80]!r}")
        values = [
            _quoted(userid),
            uid.encode(),
            _desc(desc),
            _quoted(cut(text, cards.LONGEST_TEXT)),
            path.encode(),
            after.encode(),
        ]
        for option, name in choices:
            values += [option.encode(), _quoted(cut(name, cards.LONGEST_OPTION))]
        filled: bytes = self._fixed % self._in_order(values)
        return filled


def _quoted(text: str) -> bytes:
    """As it stands between the quotation marks of JSON."""
    return quoted(text)[1:-1].encode()


@lru_cache(maxsize=16_384)  # three people are told of the same place
def _desc(text: str) -> bytes:
    return _quoted(cut(text, cards.LONGEST_DESC))


def _marks(number: int) -> list[str]:
    return [secrets.token_hex(8) for _ in range(number)]
