"""Everything the stand-in holds together: settings, clock, state, people, and who sends callbacks."""

from dataclasses import dataclass, field

from flask import current_app

from app.simulator.callbacks import CallbackSender
from app.simulator.calls import CallLog
from app.simulator.clock import Clock
from app.simulator.faults import Faults
from app.simulator.organisation import Member, Organisation, read_organisation
from app.simulator.rations import Rations
from app.simulator.settings import Settings
from app.simulator.store import Store
from app.simulator.switches import Switches

STATES = {
    "active": "正常",
    "invalid": "无效账号",
    "unlicensed": "没有接口许可",
    "dropped": "受理但收不到",
    "rate": "偶尔 45009",
    "fails": "总是 -1",
    "disabled": "账号已禁用",
    "left": "已离职",
    "out_of_range": "不在应用可见范围",
}
UNSEEN = ("left", "out_of_range")


@dataclass
class World:
    """One running stand-in; handlers get it from `world()`."""

    settings: Settings
    store: Store
    clock: Clock
    organisation: Organisation
    switches: Switches
    faults: Faults
    callbacks: CallbackSender
    calls: CallLog
    states: dict[str, str]
    tokens: dict[str, tuple[str, float]]
    wrong_secrets: dict[str, list[float]] = field(default_factory=dict)
    rationed: Rations = field(default_factory=Rations)
    rate_counts: dict[str, int] = field(default_factory=dict)
    # Grows with every change of menu or workbench, so that open phones ask for them anew.
    surroundings: int = 0

    def state_of(self, member: Member) -> str:
        return self.states.get(member.userid.lower()) or member.faults or "active"

    def set_state(self, member: Member, state: str) -> None:
        if state not in STATES:
            raise ValueError(f"没有这种状态：{state}")
        with self.store.use() as db:
            db.execute("INSERT OR REPLACE INTO member_state VALUES (?, ?)", (member.userid.lower(), state))
        self.states[member.userid.lower()] = state

    def keep_token(self, token: str, kind: str, expires_at: float) -> None:
        with self.store.use() as db:
            db.execute("INSERT INTO token VALUES (?, ?, ?)", (token, kind, expires_at))
        self.tokens[token] = (kind, expires_at)

    def valid_tokens(self, kind: str, at: float) -> list[tuple[str, float]]:
        """(token, when it expires) of this kind, as of `at`."""
        return [(token, end) for token, (one, end) in list(self.tokens.items()) if one == kind and end > at]

    def forget_tokens(self, kind: str) -> None:
        """End the tokens of this kind at once."""
        with self.store.use() as db:
            db.execute("DELETE FROM token WHERE kind = ?", (kind,))
        self.tokens = {token: value for token, value in self.tokens.items() if value[0] != kind}

    def in_corp(self, userid: str) -> Member | None:
        """The member, unless unknown or gone."""
        member = self.organisation.find(userid)
        return member if member and self.state_of(member) != "left" else None

    def reset(self) -> None:
        """Back to the first day: no messages, no calls, no faults; the clock stays where it is."""
        self.calls.flush()
        self.store.reset()
        self.states.clear()
        self.tokens.clear()
        self.wrong_secrets.clear()
        self.rationed.clear()
        self.rate_counts.clear()
        self.switches.reload()
        self.faults.remove()
        self.faults.sow(self.settings.seed)

    def close(self) -> None:
        """Stop the threads, then let go of the file."""
        self.faults.let_go()
        self.callbacks.stop()
        self.calls.stop()
        self.store.close()


def build_world(settings: Settings) -> World:
    store = Store(settings.database)
    clock = Clock(settings.clock_file)
    switches = Switches(store)
    with store.use() as db:
        states = {row["userid"]: row["state"] for row in db.execute("SELECT * FROM member_state")}
        tokens = {row["token"]: (row["kind"], row["expires_at"]) for row in db.execute("SELECT * FROM token")}
    return World(
        settings=settings,
        store=store,
        clock=clock,
        organisation=read_organisation(settings.organisation),
        switches=switches,
        faults=Faults(store, seed=settings.seed),
        callbacks=CallbackSender(settings, store, clock, switches),
        calls=CallLog(store),
        states=states,
        tokens=tokens,
    )


def world() -> World:
    """The stand-in that serves the current request."""
    found: World = current_app.extensions["simulator"]
    return found
