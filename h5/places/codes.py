"""Places as forms send them: codes of leaves, or of what leaves lie in."""

from app.places import queries as places
from h5.frame.forms import Input

NO_CODES = "点位编码有误，请重新选择。"


def codes_of(form: Input, name: str) -> tuple[str, ...]:
    """The codes that the field `name` holds. BadInput for what is no code."""
    return form.codes(name, NO_CODES)


def leaves(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The points that `codes` mean: a province or prefecture stands for everything below it (Q50).

    The picker sends leaves only; the list for browsers without scripts sends parents.
    """
    found: dict[str, None] = {}
    for code in codes:
        below = places.children(code) if code.endswith("00") else []
        found.update(dict.fromkeys(leaves(tuple(place.code for place in below)) if below else (code,)))
    return tuple(found)


def without_scripts() -> list[tuple[str, str]]:
    """Provinces and prefectures for browsers without scripts; choosing one means its leaves."""
    return [
        (place.code, place.path)
        for top in places.children(None)
        for place in (top, *places.children(top.code))
    ]
