"""The thirteen days that the law makes free every year, whatever else is announced for it. Pure.

《全国年节及纪念日放假办法》 as in force since 2025-01-01. Which days around them are
swapped for weekends is announced a year at a time; these are known for decades.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from borax.calendars.lunardate import LunarDate, TermUtils

FIRST_YEAR, LAST_YEAR = 2025, 2099  # since the law is so, and as far as the lunar tables reach


@lru_cache(maxsize=64)
def days_off(year: int) -> Mapping[date, str]:
    """Day → the festival that it is free for; empty outside of 2025…2099."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return {}
    spring = LunarDate(year, 1, 1).to_solar_date()
    return {
        date(year, 1, 1): "元旦",
        **{spring + timedelta(days=n): "春节" for n in range(-1, 3)},  # from the eve to the third day
        TermUtils.nth_term_day(year, term_name="清明"): "清明",
        date(year, 5, 1): "劳动节",
        date(year, 5, 2): "劳动节",
        LunarDate(year, 5, 5).to_solar_date(): "端午",
        LunarDate(year, 8, 15).to_solar_date(): "中秋",
        **{date(year, 10, day): "国庆节" for day in (1, 2, 3)},
    }
