"""Who a message is for: touser, toparty, totag, and which of them do not count."""

from dataclasses import dataclass, field
from typing import Any

from app.simulator.errors import ApiError
from app.simulator.organisation import Member
from app.simulator.world import UNSEEN, World

MOST = {"touser": (1000, 40032), "toparty": (100, 82002), "totag": (100, 82003)}


@dataclass
class Recipients:
    """Members to reach, and the names that were refused."""

    members: list[Member] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    invalid_parties: list[str] = field(default_factory=list)
    invalid_tags: list[str] = field(default_factory=list)
    unlicensed: list[str] = field(default_factory=list)

    def verdict(self) -> dict[str, str]:
        """The lists of the answer: `|`-joined strings, userids lower-cased; empty ones are left out."""
        lists = {
            "invaliduser": [one.lower() for one in self.invalid],
            "invalidparty": self.invalid_parties,
            "invalidtag": self.invalid_tags,
            "unlicenseduser": [one.lower() for one in self.unlicensed],
        }
        return {name: "|".join(values) for name, values in lists.items() if values}


def read_recipients(here: World, body: dict[str, Any]) -> Recipients:
    """Split and look up the recipients; raises ApiError where there is nobody at all."""
    wanted = {name: _split(body.get(name), name) for name in MOST}
    if not any(wanted.values()):
        raise ApiError(82001)
    found = Recipients()
    if wanted["touser"] == ["@all"]:
        names = [one.userid for one in here.organisation if here.state_of(one) not in UNSEEN]
    else:
        names = wanted["touser"] + _members_of(here, wanted["toparty"], found)
        found.invalid_tags = wanted["totag"]
    for name in dict.fromkeys(names):
        _sort_in(here, name, found)
    if not found.members and not found.unlicensed:
        raise ApiError(81013, **found.verdict())
    if not found.members and here.switches["unlicensed_alone"] == "refused":
        raise ApiError(81013, **found.verdict())
    return found


def _split(value: Any, name: str) -> list[str]:
    if value in (None, ""):
        return []
    if isinstance(value, int) and name != "touser":
        value = str(value)
    if not isinstance(value, str):
        raise ApiError(40058, f"{name} should be a string joined by |")
    names = [one.strip() for one in value.split("|") if one.strip()]
    most, code = MOST[name]
    if len(names) > most:
        raise ApiError(code, f"{len(names)} in {name}")
    return names


def _members_of(here: World, parties: list[str], found: Recipients) -> list[str]:
    names: list[str] = []
    for party in parties:
        if not party.isdigit() or int(party) not in here.organisation.departments:
            found.invalid_parties.append(party)
            continue
        below = here.organisation.below(int(party))
        names += [one.userid for one in here.organisation if below & set(one.department)]
    return names


def _sort_in(here: World, name: str, found: Recipients) -> None:
    member = here.in_corp(name)
    state = here.state_of(member) if member else "left"
    if member is None or state in ("invalid", "disabled", *UNSEEN):
        found.invalid.append(name)
    elif state == "unlicensed":
        found.unlicensed.append(name)
    elif member not in found.members:
        found.members.append(member)
