"""How a person likes the pages: 深色, 字号, 关怀模式. Kept in a cookie of the browser it is for."""

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

COOKIE = "fwrw_look"
THEMES = {"auto": "跟随系统", "light": "浅色", "dark": "深色"}
SIZES = {"normal": "标准", "large": "大", "huge": "特大", "giant": "超大"}
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Look:
    """One choice of each kind."""

    theme: str = "auto"
    size: str = "normal"
    care: bool = False


def look() -> Look:
    """What this browser chose; nonsense in the cookie means the default."""
    theme, size, care, *_ = (*request.cookies.get(COOKIE, "").split("."), "", "", "")
    return Look(theme if theme in THEMES else "auto", size if size in SIZES else "normal", care == "care")


def remember(response: Response, chosen: Look, *, secure: bool) -> None:
    """Write the cookie."""
    value = f"{chosen.theme}.{chosen.size}.{'care' if chosen.care else 'plain'}"
    response.set_cookie(COOKIE, value, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
