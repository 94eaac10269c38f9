"""Registers the 补丁包 of a file, all or nothing; every problem is named, so one correction round is enough."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app import clock
from app.db import let_others_write, session, transaction
from app.errors import BadInput, Conflict
from app.locks import repeatable
from app.tasks.labels import TrialState
from app.tasks.patches import registering
from app.tasks.patches.files import Entry, Found, Problem
from app.tasks.patches.registering import PatchPackage, Standing

SENDER = "文件导入"


@dataclass
class Report:
    """What became of a file, package by package.

    Nothing is written where there are problems, or `hidden` content that nobody agreed to.
    """

    problems: list[Problem]
    notes: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    packages: list[tuple[str, int, Standing]] = field(default_factory=list)  # title, modules, standing
    written: bool = False


def import_packages(found: Found, *, dry_run: bool = False, with_hidden: bool = False) -> Report:
    """Check all that a file holds, then register it, a transaction for each package so that nobody waits.

    Somebody may publish with a package meanwhile: what can then not be kept any
    more is a problem of its own, and the same file again writes the rest.
    """
    report = Report(list(found.problems), found.notes, found.hidden)
    packages = list(_packages(found.entries, report.problems))
    if not packages and not report.problems:
        report.problems.append(Problem("文件", "里没有补丁包", "请填写后再导入。"))
    for where, package in packages:
        standing, _ = registering.standing_of(session(), package)
        if standing is Standing.FIXED:
            report.problems.append(Problem(where, registering.used_already(package).rstrip("。")))
        report.packages.append((package.title, len(package.modules), standing))
    if dry_run or report.problems or (report.hidden and not with_hidden):
        return report
    for where, package in packages:
        try:
            _keep(package)
        except Conflict as refusal:
            report.problems.append(Problem(where, str(refusal).rstrip("。")))
        let_others_write()
    report.written = True
    return report


@repeatable
def _keep(package: PatchPackage) -> None:
    with transaction() as current:
        registering.keep(current, package, by=None, sender=SENDER)


def _packages(entries: Iterable[Entry], problems: list[Problem]) -> Iterable[tuple[str, PatchPackage]]:
    """The packages that can be kept, each with where it begins; what is wrong with the others is added."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry["name"].strip(), entry["version"].strip()), []).append(entry)
    for (name, version), group in groups.items():
        head = {key: _said_once(group, key, problems) for key in ("test_state", "sent_by", "sent_at")}
        try:
            package = PatchPackage(
                name=name,
                version=version,
                modules=tuple((entry["module"], entry["note"]) for entry in group),
                test_state=head["test_state"] or TrialState.SENT,
                sent_by=head["sent_by"],
                sent_at=_moment(head["sent_at"]),
            )
            yield group[0].where, registering.checked(package)
        except BadInput as refusal:
            problems += [Problem(group[0].where, text.rstrip("。")) for text in refusal.fields.values()]


def _said_once(group: list[Entry], key: str, problems: list[Problem]) -> str:
    """What the modules of a package say in common; it may stand at the first one only."""
    said = {entry[key].strip(): entry.where for entry in reversed(group) if entry[key].strip()}
    if len(said) > 1:
        texts = "、".join(f"“{text[:20]}”" for text in reversed(said))
        problems.append(Problem(group[0].where, f"同一补丁包的写法不一致：{texts}", "请统一。"))
    return next(reversed(said), "") if said else ""


def _moment(text: str) -> datetime | None:
    """A wall-clock time such as 2026-11-20 09:30, or one with its own offset, as UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
        return moment.astimezone(UTC) if moment.tzinfo else clock.from_local(moment)
    except (ValueError, OverflowError):
        wrong = f"送测时间“{text[:20]}”写法有误，请写成 2026-11-20 09:30 这样。"
        raise BadInput(fields={"sent_at": wrong}) from None
