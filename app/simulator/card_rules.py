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
    check_submit,
    check_vertical,
    mapping,
    needed_text,
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
)


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
    advice = _too_long(card, kind)
    if advice and strict:
        raise ApiError(40058, advice[0])
    return advice


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
        value = _look_up(card, path)
        if len(value) > limit:
            found.append(f"{path} 有 {len(value)} 字，建议不超过 {limit} 字，手机上会截断")
    found += [
        f"horizontal_content_list.{path}「{row[path]}」建议不超过 {most} 字"
        for path, most in (("keyname", 5), ("value", 30))
        for row in card.get("horizontal_content_list") or []
        if len(str(row.get(path) or "")) > most
    ]
    found += [
        f"button_list.text「{row['text']}」建议不超过 10 字"
        for row in card.get("button_list") or []
        if len(row["text"]) > 10
    ]
    return found


def _look_up(card: Card, path: str) -> str:
    value: Any = card
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
