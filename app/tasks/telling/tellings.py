"""Who is told of an act on published work, and with which facts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from flask import current_app

from app.notices.telling import Letter, Listed, Recipient, Telling
from app.tasks.labels import TaskType
from app.tasks.rollback_effects import Effect, together
from app.tasks.telling.about import About, People
from app.tasks.telling.letters import (
    LOOKS,
    Letters,
    by_copied_in,
    by_implementer,
    to_both,
    to_copied_in,
    to_implementer,
)
from app.tasks.telling.naming import MODULES, POINTS, modules_in_words, places_listed
from app.tasks.telling.points import Point, names_of

MOST_NAMED = 10  # of the points that cannot be done in time, in the publisher's entry


def published(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-62 for every 实施人, T-63 for every 主管 and 服务经理; one each however many points."""
    yield from to_both("publish", about, points, people)


def overdue(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-68 for every 实施人 of a row past its deadline, T-69 for those copied in."""
    yield from to_both("overdue", about, points, people)


def may_wait(task_type: str) -> bool:
    """False for 应急事件, which rings at night as well."""
    return task_type != TaskType.EMERGENCY


def reminded(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """Every 实施人 of an open row, before the deadline; no sentence is given, so in the app by default."""
    letters = Letters("remind", about, in_app=not current_app.config["REMIND_PUSH"])
    for person_id, own in by_implementer(points).items():
        yield to_implementer(letters, about, people[person_id], own)


def escalated(
    about: About, points: list[Point], people: People, managers: Iterable[Recipient], *, days: int
) -> Iterator[Telling]:
    """Every 大区经理 of what stays overdue in the 大区."""
    letters = Letters("escalate", about, wording="escalate.region_manager", values={"days": str(days)})
    for manager in managers:
        yield to_copied_in(letters, about, manager, points, people)


def sent_back(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-64 for the 实施人, T-65 for those copied in."""
    yield from to_both("send_back", about, points, people)


def urged(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-66 for every 实施人; T-67 for those copied in, with every unfinished point of theirs (Q42)."""
    points, letters = list(points), Letters("urge", about)
    for person_id, own in by_implementer(points).items():
        yield to_implementer(letters, about, people[person_id], own)
    for person_id, own in by_copied_in(points).items():
        copy = to_copied_in(letters, about, people[person_id], own, people)
        yield replace(copy, values={**copy.values, **_listed(about, own, people)})


def revoked(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """T-70 for both groups (Q33); the copies name the 实施人 (Q32)."""
    yield from to_both("revoke", about, points, people)


def transferred(
    about: About, points: list[Point], people: People, *, by: str, former_id: int
) -> Iterator[Telling]:
    """T-74 for the new 实施人 of these rows, naming who transferred; the former one reads it in the app (Q31, Q32)."""
    to = people[points[0].implementer_id]
    handed = to_implementer(Letters("transfer", about), about, to, points)
    yield replace(handed, values={"name": by})
    former = replace(handed.letter, wording="transfer.former", in_app=True)
    places = places_listed(names_of(points))
    values = {"name": by, "place": places, "implementer": to.name}
    yield replace(handed, letter=former, to=people[former_id], values=values)


class Hopeless(NamedTuple):
    """An open row whose deadline cannot be met, and why."""

    place: str
    implementer: str
    note: str


class Progress(NamedTuple):
    """What came of a task: numbers of points, those in trouble, and the newest acts in words."""

    points: int
    closed: int
    fed_back: int  # open, and something was said of them
    hopeless: Sequence[Hopeless]
    latest: Sequence[str]


SO_FAR, HOPELESS = "progress.so_far", "progress.hopeless"


def progressed(about: About, to: Recipient, progress: Progress) -> Telling:
    """The publisher reads in the app how far the task is; what cannot be done in time comes first (Q44)."""
    done = f"已办结 {progress.closed}/{progress.points} 个点位"
    if progress.fed_back:
        done += f"，另有 {progress.fed_back} 个已反馈"
    values = {"progress": "".join([f"{done}。", *("\n" + act for act in progress.latest)])}
    if progress.hopeless:
        named = [f"{one.place}（{one.implementer}：{one.note}）" for one in progress.hopeless[:MOST_NAMED]]
        rest = f"等{len(progress.hopeless)}个点位" if len(progress.hopeless) > MOST_NAMED else ""
        values["hopeless"] = "、".join(named) + rest
    wording = HOPELESS if progress.hopeless else SO_FAR
    letter = Letter(wording, about.title, values=about.values, facts=about.facts, in_app=True, noun=POINTS)
    return Telling(letter, to, values, points=(), link=f"/tasks/{about.task_id}")


def edited(about: About, points: Iterable[Point], people: People) -> Iterator[Telling]:
    """Everyone else who has the task reads in the app that it changed (Q40)."""
    yield from to_both("edit", about, points, people, wording="edit.everyone", in_app=True)


def changed(
    about: About, points: Iterable[Point], people: People, words: str, *, in_app: bool
) -> Iterator[Telling]:
    """The 实施人 and those copied in, when what their card says is another thing now: `words` say what (Q52)."""
    yield from to_both("edit", about, points, people, values={"changes": words}, in_app=in_app)


RESTORE, WAIT = "roll_back.upgraded", "roll_back.not_upgraded"


def rolled_back(about: About, touched: Iterable[tuple[Point, Effect]], people: People) -> Iterator[Telling]:
    """T-71 for who must restore a module, T-72 for whose modules wait, T-73 for those copied in (T-18, Q17)."""
    rows = list(touched)
    points, effects = [point for point, _ in rows], {point.id: effect for point, effect in rows}
    restoring = Letters("roll_back", about, wording=RESTORE)
    waiting = Letters("roll_back", about, wording=WAIT, buttons=LOOKS)
    for person_id, own in by_implementer(points).items():
        whole = together(effects[point.id] for point in own)
        if whole.to_restore:
            mine = [point for point in own if effects[point.id].to_restore]
            yield _of_rollback(restoring, about, people[person_id], mine, whole.to_restore)
        if whole.frozen:
            mine = [point for point in own if effects[point.id].frozen]
            yield _of_rollback(waiting, about, people[person_id], mine, whole.frozen)
    yield from _copies_of_rollback(about, points, effects, people)


def _of_rollback(
    letters: Letters, about: About, to: Recipient, own: list[Point], modules: tuple[str, ...]
) -> Telling:
    told = to_implementer(letters, about, to, own)
    listed = Listed(modules_in_words(modules), len(modules), MODULES)
    return replace(told, values={**told.values, "modules": listed})


def _copies_of_rollback(
    about: About, points: Iterable[Point], effects: Mapping[int, Effect], people: People
) -> Iterator[Telling]:
    """T-73 names the points to be restored, where there are any; listed are all."""
    letters: dict[tuple[int, int], Letters] = {}  # people with the same numbers share a letter
    for person_id, own in by_copied_in(points).items():
        restore = [point for point in own if effects[point.id].to_restore]
        others = [point for point in own if not effects[point.id].to_restore]
        numbers = len(restore), sum(bool(effects[point.id].frozen) for point in own)
        if numbers not in letters:
            letters[numbers] = _letters_of_copies(about, *numbers)
        copy = to_copied_in(letters[numbers], about, people[person_id], restore or own, people)
        link = copy.link if len(own) == 1 else f"/tasks/{about.task_id}"
        yield replace(copy, points=names_of(restore + others), link=link)


def _letters_of_copies(about: About, restore: int, frozen: int) -> Letters:
    numbers = {"需还原": restore, "暂不升级": frozen}
    facts = tuple((name, f"{n} 个点位") for name, n in numbers.items() if n)
    return Letters("roll_back", about, facts=facts, buttons=LOOKS)


def _listed(about: About, own: list[Point], people: People) -> dict[str, Listed]:
    """Every unfinished point, city by city where there are several, the places of one 实施人 together.

    石家庄市 长安区、桥西区：王强-应急事件；新华区：李静-应急事件；（new line）保定市 …
    """
    cities: dict[str, list[Point]] = defaultdict(list)
    for point in own:
        cities[point.lies_in].append(point)
    entries: list[tuple[str, str]] = []
    for city, points in cities.items():
        head = f"{city} " if city and len(cities) > 1 else ""
        for person_id, theirs in by_implementer(points).items():
            where = head + "、".join(p.place_name for p in theirs)
            entries.append(
                (("\n" if head and entries else "") + where, f"{people[person_id].name}-{about.type}")
            )
            head = ""
    (place, first), *rest = entries
    unfinished = "；".join([first, *(f"{where}：{who}" for where, who in rest)])
    return {
        "place": Listed(place, len(own), POINTS),
        "unfinished": Listed(unfinished, len(own), POINTS),
    }
