"""What makes a template card acceptable: the documented fields, field by field (pure)."""

import re
from typing import Any

from app.simulator.card_parts import (
    Card,
    at_most,
    check_action_menu,
    check_buttons,
    check_card_action,
    check_horizontal,
    check_jumps,
    check_news_pictures,
    check_options,
    check_quote,
    check_selection,
    check_source,
    check_submit,
    check_vertical,
    mapping,
    needed_text,
    plain_text,
    records,
)
from app.simulator.errors import ApiError

KINDS = ("text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction")
CLICKABLE = ("button_interaction", "vote_interaction", "multiple_interaction")
TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
# 建议 lengths in characters: (path, most, which kinds differ).
ADVICE: tuple[tuple[str, int, dict[str, int]], ...] = (
    ("source.desc", 20, {}),
    ("main_title.title", 36, {"vote_interaction": 16}),
    ("main_title.desc", 44, {"vote_interaction": 160, "multiple_interaction": 160}),
    ("emphasis_content.title", 14, {}),
    ("emphasis_content.desc", 22, {}),
    ("sub_title_text", 160, {}),
    ("submit_button.text", 10, {}),
)
# The same for the rows of lists: (list, field, most).
ADVICE_OF_ROWS = (
    ("horizontal_content_list", "keyname", 5),
    ("horizontal_content_list", "value", 30),
    ("vertical_content_list", "title", 38),
    ("vertical_content_list", "desc", 160),
    ("jump_list", "title", 18),
    ("button_list", "text", 10),
    ("button_selection.option_list", "text", 16),
    ("checkbox.option_list", "text", 17),
    ("select_list.option_list", "text", 16),
)
# Which parts a kind of card has beside card_type, task_id, source and main_title (D 90236).
NOTICE = {"action_menu", "quote_area", "horizontal_content_list", "card_action"}
PARTS = {
    "text_notice": NOTICE | {"emphasis_content", "sub_title_text", "jump_list"},
    "news_notice": NOTICE | {"card_image", "image_text_area", "vertical_content_list", "jump_list"},
    "button_interaction": NOTICE | {"sub_title_text", "button_selection", "button_list"},
    "vote_interaction": {"checkbox", "submit_button"},
    "multiple_interaction": {"select_list", "submit_button"},
}
COMMON = {"card_type", "task_id", "source", "main_title", "replace_text"}


def check_card(card: Any, *, updating: bool = False, strict: bool = False) -> list[str]:
    """Raise ApiError for the first documented rule broken; answer advice on lengths that get cut."""
    if not isinstance(card, dict):
        raise ApiError(40063, "template_card missing")
    kind = card.get("card_type")
    if kind not in KINDS:
        raise ApiError(42031)
    _check_by_kind[kind](card)
    _check_task_id(card, kind, updating)
    check_action_menu(card, allowed=kind in KINDS[:3])
    check_source(card)
    long = _too_long(card, kind)
    if long and strict:
        raise ApiError(40058, long[0])
    return long + _ignored(card, kind)


def gives_response_code(card: Card) -> bool:
    """Whether the documents promise a response_code for this card."""
    return card["card_type"] in CLICKABLE or bool(card.get("action_menu"))


def _text_notice(card: Card) -> None:
    title = mapping(card, "main_title").get("title")
    if not title and not card.get("sub_title_text"):
        raise ApiError(42033, "main_title.title or sub_title_text")
    check_quote(card)
    check_horizontal(card)
    check_jumps(card)
    check_card_action(card, required=True)


def _news_notice(card: Card) -> None:
    _needs_title(card)
    check_quote(card)
    check_news_pictures(card)
    check_vertical(card)
    check_horizontal(card)
    check_jumps(card)
    check_card_action(card, required=True)


def _button_interaction(card: Card) -> None:
    _needs_title(card)
    check_quote(card)
    check_horizontal(card)
    check_card_action(card, required=False)
    check_selection(card.get("button_selection"))
    check_buttons(card)


def _vote_interaction(card: Card) -> None:
    _needs_title(card)
    box = card.get("checkbox")
    if not isinstance(box, dict):
        raise ApiError(42043, "checkbox missing")
    needed_text(box, "question_key", 42043, most=1024)
    if box.get("mode", 0) not in (0, 1):
        raise ApiError(40058, "checkbox.mode")
    check_options(box, most=20)
    if not all(isinstance(one.get("is_checked"), bool) for one in box["option_list"]):
        raise ApiError(40058, "checkbox.option_list.is_checked")
    check_submit(card)


def _multiple_interaction(card: Card) -> None:
    _needs_title(card)
    lists = records(card, "select_list", 42047)
    at_most(lists, 3, 42047, least=1)
    for one in lists:
        check_selection(one)
    keys = [one["question_key"] for one in lists]
    if len(set(keys)) != len(keys):
        raise ApiError(42043, "duplicate question_key")
    check_submit(card)


_check_by_kind = {
    "text_notice": _text_notice,
    "news_notice": _news_notice,
    "button_interaction": _button_interaction,
    "vote_interaction": _vote_interaction,
    "multiple_interaction": _multiple_interaction,
}


def _needs_title(card: Card) -> None:
    if not mapping(card, "main_title").get("title"):
        raise ApiError(42033, "main_title.title")


def _check_task_id(card: Card, kind: str, updating: bool) -> None:
    task_id = card.get("task_id")
    needed = (kind in CLICKABLE or card.get("action_menu")) and not updating
    if not task_id and not needed:
        return
    if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        raise ApiError(42014, "task_id: 0-9a-zA-Z_-@, at most 128 bytes")


def _too_long(card: Card, kind: str) -> list[str]:
    found = []
    for path, most, other in ADVICE:
        limit = other.get(kind, most)
        outer, _, inner = path.partition(".")
        value = plain_text(mapping(card, outer) if inner else card, inner or outer, path)
        if len(value) > limit:
            found.append(f"{path} 有 {len(value)} 字，建议不超过 {limit} 字，手机上会截断")
    for path, name, most in ADVICE_OF_ROWS:
        found += [
            f"{path}.{name}「{value}」建议不超过 {most} 字"
            for row in _rows(card, path)
            if len(value := plain_text(row, name, f"{path}.{name}")) > most
        ]
    return found


def _ignored(card: Card, kind: str) -> list[str]:
    """What WeCom passes over without a word."""
    foreign = sorted(set(card) - COMMON - PARTS[kind])
    return [f"{kind} 没有 {name}，企业微信不会显示" for name in foreign]


def _rows(card: Card, path: str) -> list[Card]:
    """The rows of a list, or of the lists within a list, as far as this kind of card has them."""
    outer, _, inner = path.partition(".")
    if outer not in PARTS[card["card_type"]]:
        return []
    value = card.get(outer) or []
    holders = value if isinstance(value, list) else [value]
    return [row for holder in holders for row in holder.get(inner) or []] if inner else holders
