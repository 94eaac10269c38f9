"""A clock that is told the time."""

from datetime import datetime, timedelta

from app import clock


class ToldTime:
    """The time of `app.clock` while a test runs; it stands still unless told to pass."""

    def __init__(self) -> None:
        self.moment = clock.from_local(datetime.fromisoformat("2026-11-23 09:00"))
        self.rule()

    def at(self, wall_clock: str) -> datetime:
        """Make it this time in Shanghai ("2026-11-23 09:00"); returns the moment in UTC."""
        self.moment = clock.from_local(datetime.fromisoformat(wall_clock))
        return self.moment

    def pass_(self, **duration: float) -> datetime:
        """Let time go by: `pass_(hours=2)`, `pass_(days=1, minutes=5)`."""
        self.moment += timedelta(**duration)
        return self.moment

    def rule(self) -> None:
        """Take over `app.clock` (again: creating an application in demo mode takes it away)."""
        clock.tell(lambda: self.moment)

    def forget(self) -> None:
        """Give the clock back to the system."""
        clock.tell(None)
