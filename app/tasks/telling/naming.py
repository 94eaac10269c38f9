"""How texts name the points and modules that they are about."""

from collections.abc import Sequence

from app.notices.telling import Listed, in_words, listed

POINTS, MODULES = "个点位", "个模块"
"""What stands behind their number."""
CHOOSE = "选择点位"
"""Over a card's drop-down of them."""


def points_in_words(points: Sequence[str], *, most: int = 3) -> str:
    """长安区、桥西区、新华区等40个点位 (T-32)."""
    return in_words(points, POINTS, most=most)


def places_listed(points: Sequence[str]) -> Listed:
    """The same as a list that a card can shorten."""
    return listed(points, POINTS)


def modules_in_words(names: Sequence[str], *, most: int = 10) -> str:
    """模块A、模块B, or with very many 模块A、…等12个模块."""
    if len(names) <= most:
        return "、".join(names)
    return "、".join(names[:most]) + f"等{len(names)}个模块"
