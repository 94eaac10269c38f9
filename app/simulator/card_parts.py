"""The parts template cards share, each with the error code its rule answers with (pure)."""

from typing import Any

from app.simulator.errors import ApiError

Card = dict[str, Any]


def mapping(card: Card, name: str) -> Card:
    """A nested object, empty where absent."""
    value = card.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ApiError(40058, f"{name} should be an object")
    return value


def records(card: Card, name: str, code: int) -> list[Card]:
    """A list of objects, empty where absent."""
    value = card.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ApiError(code, f"{name} should be a list of objects")
    return value


def at_most(rows: list[Card], most: int, code: int, *, least: int = 0) -> None:
    if not least <= len(rows) <= most:
        raise ApiError(code, f"{len(rows)} given, {least} to {most} allowed")


def needed_text(row: Card, name: str, code: int, *, most: int = 0) -> str:
    """A text that must be there, at most so many bytes."""
    value = row.get(name)
    if not isinstance(value, str) or not value or (most and len(value.encode()) > most):
        raise ApiError(code, name)
    return value


def plain_text(row: Card, name: str, where: str) -> str:
    """A text that may be absent."""
    value = row.get(name)
    if not isinstance(value, str | None):
        raise ApiError(40058, f"{where} should be a text")
    return value or ""


def one_of(row: Card, name: str, allowed: tuple[int, ...], where: str, *, default: int = 0) -> int:
    """A small number that stands for a kind; a true or false is none."""
    value = row.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise ApiError(40058, f"{where}.{name}")
    return value


def web_address(row: Card, where: str) -> None:
    url = row.get("url")
    if not isinstance(url, str) or not url:
        raise ApiError(42028, f"{where}.url")
    if not url.startswith(("http://", "https://")):
        raise ApiError(45034, f"{where}.url")


def check_jump_target(row: Card, where: str) -> None:
    """type 1 opens a page and needs url, type 2 opens a mini program and needs appid."""
    kind = one_of(row, "type", (0, 1, 2), where)
    if kind == 1:
        web_address(row, where)
    if kind == 2 and not row.get("appid"):
        raise ApiError(42030, f"{where}.appid")


def check_card_action(card: Card, *, required: bool) -> None:
    action = card.get("card_action")
    if action is None and not required:
        return
    if not isinstance(action, dict) or (required and action.get("type", 0) not in (1, 2)):
        raise ApiError(42045, "card_action")
    check_jump_target(action, "card_action")


def check_source(card: Card) -> None:
    source = mapping(card, "source")
    plain_text(source, "icon_url", "source.icon_url")
    one_of(source, "desc_color", (0, 1, 2, 3), "source")


def check_quote(card: Card) -> None:
    quote = mapping(card, "quote_area")
    for name in ("title", "quote_text"):
        plain_text(quote, name, f"quote_area.{name}")
    check_jump_target(quote, "quote_area")


def check_horizontal(card: Card) -> None:
    rows = records(card, "horizontal_content_list", 42035)
    at_most(rows, 6, 42035)
    for row in rows:
        needed_text(row, "keyname", 42027)
        kind = one_of(row, "type", (0, 1, 2, 3), "horizontal_content_list")
        if kind == 1:
            web_address(row, "horizontal_content_list")
        if kind == 2:
            needed_text(row, "media_id", 42029)
        if kind == 3:
            needed_text(row, "userid", 42050)


def check_vertical(card: Card) -> None:
    rows = records(card, "vertical_content_list", 42036)
    at_most(rows, 4, 42036)
    for row in rows:
        needed_text(row, "title", 42033)


def check_jumps(card: Card) -> None:
    rows = records(card, "jump_list", 42042)
    at_most(rows, 3, 42042)
    for row in rows:
        needed_text(row, "title", 42033)
        check_jump_target(row, "jump_list")


def check_news_pictures(card: Card) -> None:
    image = mapping(card, "card_image")
    area = mapping(card, "image_text_area")
    if not image and not area:
        raise ApiError(42044, "card_image or image_text_area")
    if image:
        needed_text(image, "url", 42044)
        ratio = image.get("aspect_ratio", 1.3)
        # The default 1.3 itself lies on the documented open border, so it is let in.
        if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 1.3 <= ratio < 2.25:
            raise ApiError(42044, "aspect_ratio should be between 1.3 and 2.25")
    if area:
        needed_text(area, "image_url", 42044)
        for name in ("title", "desc"):
            plain_text(area, name, f"image_text_area.{name}")
        check_jump_target(area, "image_text_area")


def check_options(row: Card, *, most: int) -> None:
    options = records(row, "option_list", 42037)
    at_most(options, most, 42037, least=1)
    for one in options:
        needed_text(one, "id", 42040, most=128)
        needed_text(one, "text", 42041)
    ids = [one["id"] for one in options]
    if len(set(ids)) != len(ids):
        raise ApiError(42040, "duplicate option id")


def check_selection(selection: Any) -> None:
    """A drop-down: button_selection, or one of select_list."""
    if selection is None:
        return
    if not isinstance(selection, dict):
        raise ApiError(42043, "button_selection should be an object")
    needed_text(selection, "question_key", 42043, most=1024)
    plain_text(selection, "title", "title")
    check_options(selection, most=10)
    chosen = selection.get("selected_id")
    if chosen and chosen not in [one["id"] for one in selection["option_list"]]:
        raise ApiError(42040, "selected_id is not an option")


def check_buttons(card: Card) -> None:
    buttons = records(card, "button_list", 42038)
    at_most(buttons, 6, 42038, least=1)
    keys = []
    for one in buttons:
        needed_text(one, "text", 42038)
        if one_of(one, "type", (0, 1), "button_list") == 1:
            web_address(one, "button_list")
        else:
            keys.append(needed_text(one, "key", 42039, most=1024))
    if len(set(keys)) != len(keys):
        raise ApiError(42039, "duplicate button key")


def check_submit(card: Card) -> None:
    button = mapping(card, "submit_button")
    needed_text(button, "text", 42049)
    needed_text(button, "key", 42046, most=1024)


def check_action_menu(card: Card, *, allowed: bool) -> None:
    menu = card.get("action_menu")
    if menu is None or not allowed:
        return
    if not isinstance(menu, dict):
        raise ApiError(40058, "action_menu should be an object")
    plain_text(menu, "desc", "action_menu.desc")
    actions = records(menu, "action_list", 40058)
    at_most(actions, 3, 40058, least=1)
    keys = []
    for one in actions:
        needed_text(one, "text", 40058)
        keys.append(needed_text(one, "key", 40058, most=1024))
    if len(set(keys)) != len(keys):
        raise ApiError(42051)
