"""How much may be sent: per member and minute or hour, and per app and day."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta

from app.simulator.errors import ApiError
from app.simulator.world import World

PER_ACCOUNT_AND_DAY = 200
SHANGHAI = timedelta(hours=8)


def over_the_limit(db: sqlite3.Connection, here: World, userids: list[str], at: float) -> dict[str, str]:
    """Members who already had their share; what comes on top vanishes without an error, as documented."""
    rows = db.execute(
        "SELECT userid, sum(at > ?) AS minute, count(*) AS hour FROM delivery "
        "WHERE userid IN (SELECT value FROM json_each(?)) AND at > ? AND dropped IS NULL "
        "AND direction = 'app' GROUP BY userid",
        (at - 60, json.dumps(userids), at - 3600),
    ).fetchall()
    per_minute, per_hour = here.switches["member_per_minute"], here.switches["member_per_hour"]
    reasons = {}
    for row in rows:
        if row["minute"] >= per_minute:
            reasons[row["userid"]] = f"一分钟内超过 {per_minute} 条"
        elif row["hour"] >= per_hour:
            reasons[row["userid"]] = f"一小时内超过 {per_hour} 条"
    return reasons


def charge_the_day(db: sqlite3.Connection, here: World, persons: int, at: float) -> None:
    """Count persons against the app's day; refuse with 45009 what does not fit."""
    day = (datetime.fromtimestamp(at, UTC) + SHANGHAI).strftime("%Y-%m-%d")
    most = (here.switches["account_ceiling"] or len(here.organisation)) * PER_ACCOUNT_AND_DAY
    counted = db.execute(
        "INSERT INTO quota VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET sent = sent + excluded.sent "
        "RETURNING sent",
        (day, persons),
    ).fetchone()
    # Refusing rolls the transaction back, so a refused send is not counted.
    if counted["sent"] > most:
        raise ApiError(45009, f"day limit: {most} person-messages")
