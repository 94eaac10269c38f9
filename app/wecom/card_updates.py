"""Changes of cards that people hold: what update_template_card is given (D 94888). Pure builders."""

import json
from collections.abc import Mapping
from typing import Any, cast

from app.wecom.cards import LONGEST_BUTTON, Quote, quote_area
from app.wecom.plain import cut


def greyed(*, userid: str, response_code: str, text: str) -> dict[str, Any]:
    """The update that turns a sent card's buttons into one grey word such as 已办结."""
    button = {"replace_name": cut(text, LONGEST_BUTTON)}
    return {"userids": [userid], "response_code": response_code, "button": button}


def amended(
    sent: bytes, *, userid: str, response_code: str, words: str, grey: str = "", parts: Mapping[str, Any]
) -> dict[str, Any]:
    """The update that lets the card of a sent request say `words`.

    `grey` replaces its buttons by one grey word; without it they stay as they
    are. `parts` are fields of the card that change besides.
    """
    card = json.loads(sent)["template_card"] | parts
    del card["task_id"]  # the card that is shown keeps its own
    if words:
        card["quote_area"] = quote_area(Quote(words))
    if grey:
        card.pop("button_selection", None)
        card["replace_text"] = cut(grey, LONGEST_BUTTON)
    return {"userids": [userid], "response_code": response_code, "template_card": card}


def choices_of(sent: bytes) -> dict[str, Any]:
    """The drop-down of a sent card, as WeCom's fields; empty where it has none."""
    card = json.loads(sent).get("template_card", {})
    return cast(dict[str, Any], card.get("button_selection", {}))
