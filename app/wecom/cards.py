"""Messages as WeCom wants them: cards, texts, and the frozen request bytes. Pure builders.

What people typed is made harmless and cut to the documented lengths (D 90236);
what our own code got wrong (a missing address, too many buttons) raises BadCard, so a
message that WeCom would refuse never reaches the queue (X-B8, X-B10, X-S8).
"""

import json
import re
from collections.abc import Iterable
from json.encoder import encode_basestring as quoted
from typing import Any, NamedTuple, NewType, cast

from app.wecom.plain import cut, cut_bytes, harmless

LONGEST_SOURCE = 20
LONGEST_TITLE = 36
LONGEST_DESC = 44
LONGEST_TEXT = 160
LONGEST_KEYNAME = 5
LONGEST_VALUE = 30
LONGEST_BUTTON = 10
LONGEST_QUOTE = 160
MOST_FACTS = 6
MOST_BUTTONS = 6
MOST_OPTIONS = 10
LONGEST_OPTION = 16
CHOICES_KEY = "row"
LONGEST_URL_BYTES = 2048
LONGEST_KEY_BYTES = 1024
LONGEST_MESSAGE_BYTES = 2048
LONGEST_TEXTCARD_TITLE = 128
LONGEST_TEXTCARD_DESC = 512
LONGEST_TEXTCARD_BUTTON = 4
# WeCom swallows an identical request within this time, so a repeat after a lost answer is harmless.
DUPLICATE_SECONDS = 14400

TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}", re.ASCII)
Card = NewType("Card", str)
"""The JSON text of a template card. Text, not a dict: a publish freezes thousands within one request."""


class BadCard(ValueError):
    """Our own code asked for a message that WeCom would refuse."""


class LinkButton(NamedTuple):
    """Opens a page. Styles as WeCom draws them: 1 green, 2 grey, 3 red text, 4 plain."""

    text: str
    url: str
    style: int = 1


class PressButton(NamedTuple):
    """Sends a template_card_event with `key` to our callback."""

    text: str
    key: str
    style: int = 1


Button = LinkButton | PressButton


class Choices(NamedTuple):
    """A drop-down inside a button card; what is chosen comes with every press. `options` are (id, text)."""

    key: str
    title: str
    options: tuple[tuple[str, str], ...]


class Quote(NamedTuple):
    """The grey quotation inside a card."""

    text: str
    title: str = ""
    url: str = ""


def button_card(
    *,
    task_id: str,
    source: str,
    title: str,
    desc: str,
    text: str,
    facts: Iterable[tuple[str, str]],
    url: str,
    buttons: Iterable[Button],
    quote: Quote | None = None,
    choices: Choices | None = None,
) -> Card:
    """A `button_interaction` card. `task_id` is unique in the app; `url` opens when the card is tapped.

    `text` over LONGEST_TEXT is cut; send it as a text message instead.
    """
    if not TASK_ID.fullmatch(task_id):
        raise BadCard(f"task_id {task_id!r}")
    desc_part = f',"desc":{quoted(cut(desc, LONGEST_DESC))}' if desc else ""
    text_part = f',"sub_title_text":{quoted(cut(text, LONGEST_TEXT))}' if text else ""
    quote_part = f',"quote_area":{json.dumps(quote_area(quote), ensure_ascii=False)}' if quote else ""
    choices_part = f',"button_selection":{_choices(choices)}' if choices else ""
    lines = tuple(facts)
    facts_part = f',"horizontal_content_list":{_facts(lines)}' if lines else ""
    return Card(
        f'{{"card_type":"button_interaction","source":{{"desc":{_text(source, LONGEST_SOURCE)}}},'
        f'"main_title":{{"title":{_required(title, LONGEST_TITLE)}{desc_part}}}{text_part}{quote_part}{facts_part},'
        f'"card_action":{{"type":1,"url":{_url(url)}}},"task_id":"{task_id}"{choices_part},'
        f'"button_list":{_buttons(buttons)}}}'
    )


def fields(card: Card) -> dict[str, Any]:
    """The card as WeCom's fields, for looking at and for updates."""
    return cast(dict[str, Any], json.loads(card))


def message(*, userid: str, agent_id: int, card: Card) -> bytes:
    """The frozen request bytes that send `card` to one person."""
    return _frozen(userid, agent_id, "template_card", card)


def text_message(*, userid: str, agent_id: int, text: str, tail: str = "") -> bytes:
    """The frozen request bytes of a plain text, cut to 2048 bytes.

    `tail` is ours (a link) and goes out as it is, whole, after what is left of the text.
    """
    space = LONGEST_MESSAGE_BYTES - len(tail.encode())
    if not text.strip() or space < LONGEST_MESSAGE_BYTES // 2:
        raise BadCard("no text, or a tail that leaves no room for it")
    content = cut_bytes(harmless(text), space) + tail
    return _frozen(userid, agent_id, "text", f'{{"content":{quoted(content)}}}')


def textcard_message(
    *, userid: str, agent_id: int, title: str, desc: str, url: str, button: str = "详情"
) -> bytes:
    """The frozen request bytes of a text card, for clients too old for template cards."""
    content = (
        f'{{"title":{_required(title, LONGEST_TEXTCARD_TITLE)},'
        f'"description":{_required(desc, LONGEST_TEXTCARD_DESC)},'
        f'"url":{_url(url)},"btntxt":{_required(button, LONGEST_TEXTCARD_BUTTON)}}}'
    )
    return _frozen(userid, agent_id, "textcard", content)


def _text(text: str, longest: int) -> str:
    return quoted(cut(text, longest))


def _required(text: str, longest: int) -> str:
    text = cut(text, longest)
    if not text.strip():
        raise BadCard("a required text is empty")
    return quoted(text)


def _url(url: str) -> str:
    if not url.startswith(("http://", "https://")) or len(url.encode()) > LONGEST_URL_BYTES:
        raise BadCard(f"address {url[:80]!r}")
    return quoted(url)


def _facts(facts: tuple[tuple[str, str], ...]) -> str:
    if len(facts) > MOST_FACTS:
        raise BadCard(f"{len(facts)} facts")
    lines = [
        f'{{"keyname":{_required(name, LONGEST_KEYNAME)},"value":{_text(value, LONGEST_VALUE)}}}'
        for name, value in facts
    ]
    return f"[{','.join(lines)}]"


def _buttons(buttons: Iterable[Button]) -> str:
    buttons = tuple(buttons)
    keys = [button.key for button in buttons if isinstance(button, PressButton)]
    if not 1 <= len(buttons) <= MOST_BUTTONS or len(set(keys)) != len(keys):
        raise BadCard(f"{len(buttons)} buttons, keys {keys!r}")
    drawn = [_button(button) for button in buttons]
    return f"[{','.join(drawn)}]"


def _button(button: Button) -> str:
    start = f'{{"text":{_required(button.text, LONGEST_BUTTON)},"style":{button.style:d},'
    if isinstance(button, LinkButton):
        return f'{start}"type":1,"url":{_url(button.url)}}}'
    if not 1 <= len(button.key.encode()) <= LONGEST_KEY_BYTES:
        raise BadCard(f"button key {button.key[:80]!r}")
    return f'{start}"type":0,"key":{quoted(button.key)}}}'


def _choices(choices: Choices) -> str:
    ids = [id_ for id_, _ in choices.options]
    if not 1 <= len(ids) <= MOST_OPTIONS or len(set(ids)) != len(ids):
        raise BadCard(f"choices {ids[:20]!r}")
    options = [
        f'{{"id":{quoted(id_)},"text":{_required(text, LONGEST_OPTION)}}}' for id_, text in choices.options
    ]
    return (
        f'{{"question_key":{quoted(choices.key)},"title":{_required(choices.title, LONGEST_OPTION)},'
        f'"option_list":[{",".join(options)}]}}'
    )


def quote_area(quote: Quote) -> dict[str, Any]:
    """The quotation as WeCom's fields."""
    area: dict[str, Any] = {"type": 0, "quote_text": cut(quote.text, LONGEST_QUOTE)}
    if quote.title:
        area["title"] = cut(quote.title, LONGEST_TITLE)
    if quote.url:
        _url(quote.url)
        area |= {"type": 1, "url": quote.url}
    return area


def require_userid(userid: str) -> None:
    """Refuse what WeCom would read as several people, or as everybody."""
    if not userid or "|" in userid or userid == "@all":
        raise BadCard(f"recipient {userid[:80]!r}")


def _frozen(userid: str, agent_id: int, kind: str, content: str) -> bytes:
    require_userid(userid)
    return (
        f'{{"touser":{quoted(userid)},"msgtype":"{kind}","agentid":{agent_id:d},"{kind}":{content},'
        f'"enable_duplicate_check":1,"duplicate_check_interval":{DUPLICATE_SECONDS}}}'
    ).encode()
