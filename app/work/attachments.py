"""Attachments: pictures and documents that belong to what was done; whoever may see the subject may see them.

A use case takes uploads in before its transaction and stores them inside it, in a function of its own
that can run again with the same files:

    with attachments.receive(files, by=by) as received:
        _act(row_id, received, by=by)

    @repeatable
    def _act(...):
        with transaction() as session:
            ...
            event = history.record(session, row, act, by=by, files=attachments.uids(received))
            attachments.store(session, received, event)

Rights are the caller's: `find` hands out any attachment, the kind of work
decides about its subject (`faces.Subject`).
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app import clock
from app.db import Session, among, session, transaction
from app.errors import BadInput, NotAllowed, NotFound, TooOften
from app.locks import repeatable
from app.people.models import Person
from app.work import history
from app.work.models import Attachment, HistoryEvent
from app.work.uploads import names, storage
from app.work.uploads.cleaning import MEGABYTE, Clean, Upload, clean

MOST_FILES = 9
MOST_FILES_A_DAY = 300  # per person: 30 places with 9 pictures each, and some more
MOST_BYTES_A_DAY = 500 * MEGABYTE
ORPHANED_AFTER = timedelta(days=1)  # far longer than any transaction takes
TOO_MUCH_TODAY = "今天已上传 {had}，每人每天最多 {most}，已达上限，请明天再传，或先只填写说明。"
GONE = "附件已不存在，请联系上传人重新上传。"
TAKE_BACK = "take_back_file"

Guard = Callable[[Session, int, Person], history.Subject]
"""Lock a subject (id) inside a transaction and return it; refuse whoever may not take files away from it now."""


@dataclass
class Received:
    """A clean file that lies on disk and belongs to nothing yet."""

    file: Clean
    stored_name: str
    thumb_name: str | None
    uid: str = field(default_factory=lambda: secrets.token_hex(16))
    is_stored: bool = False


@dataclass(frozen=True)
class Served:
    """What a door needs to send a file."""

    path: Path
    mime: str
    disposition: str


@contextmanager
def receive(uploads: Sequence[Upload], *, by: Person) -> Iterator[list[Received]]:
    """Check and clean `uploads` and write them to disk; what the block does not `store` is deleted after it.

    Done before the transaction: decoding takes longer than others should wait
    for the write lock. Raises BadInput for the field `files`, naming every
    file that cannot be used, and TooOften beyond the day's quota.
    """
    received: list[Received] = []
    try:
        if uploads:
            _require_quota(by, uploads)
            _write_all(_clean_all(uploads), received)
        yield received
    except DBAPIError:
        # The commit may have happened although its answer was lost; `remove_orphans` asks the database later.
        raise
    except BaseException:
        _forget(received)
        raise
    _forget([one for one in received if not one.is_stored])


def uids(received: Sequence[Received]) -> list[str]:
    """By what the files will be found, for the facts of the event they belong to."""
    return [one.uid for one in received]


def store(current: Session, received: Sequence[Received], event: HistoryEvent) -> None:
    """Attach files to the subject of `event`, in the name of who did it; inside transaction()."""
    current.add_all(_row(one, event) for one in received)
    current.flush()
    for one in received:
        one.is_stored = True


def remove(attachment: Attachment) -> None:
    """Take an attachment away from its subject, inside transaction(); `remove_orphans` deletes its files."""
    attachment.removed_at = clock.now()


@repeatable
def take_back(uid: str, *, by: Person, guard: Guard) -> None:
    """撤回附件: who uploaded a file takes it back, where the `guard` of its subject lets them.

    Its bytes are deleted by the daily job, that it was there stays in the
    history. Raises NotFound for a missing file and where the guard does,
    NotAllowed for somebody else's file.
    """
    with transaction() as current:
        subject_id = find(uid).subject_id
        try:
            subject = guard(current, subject_id, by)
        except NotFound:  # the same words as for a uid that does not exist
            raise NotFound from None
        file = find(uid)  # not if somebody took it back while this one waited
        if file.by_id != by.id:
            raise NotAllowed("附件只能由上传的人撤回。")
        remove(file)
        history.record(current, subject, TAKE_BACK, by=by, changes=[f"撤回附件：{file.name}"])


def of(subject_kind: str, subject_id: int) -> list[Attachment]:
    """The attachments of a subject, oldest first; `event_id` says which act brought them."""
    query = sa.select(Attachment).where(
        Attachment.subject_kind == subject_kind,
        Attachment.subject_id == subject_id,
        Attachment.removed_at.is_(None),
    )
    return list(session().execute(query.order_by(Attachment.id)).scalars())


def find(uid: str) -> Attachment:
    """The attachment with this uid, whoever may see it; NotFound where there is none or it was removed."""
    query = sa.select(Attachment).where(Attachment.uid == uid, Attachment.removed_at.is_(None))
    found = session().execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def served(attachment: Attachment, *, thumb: bool = False) -> Served:
    """The file, or its small copy, ready to be sent; only pictures we drew ourselves may open in the page."""
    name = attachment.thumb_name if thumb else attachment.stored_name
    if name is None:
        raise NotFound
    path = storage.path_of(name)
    if not path.is_file():
        raise NotFound(GONE)
    is_image = attachment.kind == "image"
    return Served(path, attachment.mime, names.disposition(attachment.name, inline=is_image))


def remove_orphans() -> int:
    """Delete files that no attachment knows, or whose attachment was removed; returns how many. For a daily job."""
    removed = 0
    for found in storage.older_than(clock.now() - ORPHANED_AFTER):
        orphans = set(found) - _known(found)
        storage.remove(orphans)
        removed += len(orphans)
    return removed


def _known(stored: list[str]) -> set[str]:
    present = Attachment.removed_at.is_(None)
    known: set[str] = set()
    for column in (Attachment.stored_name, Attachment.thumb_name):
        found = session().execute(sa.select(column).where(among(column, stored), present)).scalars()
        known.update(name for name in found if name)
    session().rollback()  # the next folder is looked up in the state of that moment
    return known


def _require_quota(by: Person, uploads: Sequence[Upload]) -> None:
    """How much one person may bring in, at once and in a day; two requests at the same time may pass together."""
    if len(uploads) > MOST_FILES:
        raise BadInput(
            fields={"files": f"一次最多上传 {MOST_FILES} 个文件，现在选了 {len(uploads)} 个，请分次上传。"}
        )
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Attachment.size), 0))
    files, size = (
        session().execute(query.where(Attachment.by_id == by.id, Attachment.at >= _this_morning())).one()
    )
    if files + len(uploads) > MOST_FILES_A_DAY:
        raise TooOften(TOO_MUCH_TODAY.format(had=f"{files} 个文件", most=f"{MOST_FILES_A_DAY} 个"))
    if size > MOST_BYTES_A_DAY:
        raise TooOften(
            TOO_MUCH_TODAY.format(
                had=f"{size // MEGABYTE} MB 的文件", most=f"{MOST_BYTES_A_DAY // MEGABYTE} MB"
            )
        )


def _this_morning() -> datetime:
    return clock.from_local(datetime.combine(clock.today(), time()))


def _clean_all(uploads: Sequence[Upload]) -> list[Clean]:
    """Every file cleaned, or every refusal in one answer."""
    found, wrong = [], []
    for upload in uploads:
        try:
            found.append(clean(upload))
        except BadInput as refusal:
            wrong.append(f"“{names.spoken(upload.name)}”：{refusal}")
    if wrong:
        raise BadInput(fields={"files": " ".join(wrong)})
    return found


def _write_all(files: list[Clean], received: list[Received]) -> None:
    for file in files:
        stored_name = storage.write(file.content)
        received.append(Received(file, stored_name, None))
        if file.thumb is not None:
            received[-1].thumb_name = storage.write(file.thumb)


def _forget(received: Sequence[Received]) -> None:
    storage.remove(name for one in received for name in (one.stored_name, one.thumb_name) if name)


def _row(one: Received, event: HistoryEvent) -> Attachment:
    return Attachment(
        uid=one.uid,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        event_id=event.id,
        by_id=event.by_id,
        at=event.at,
        name=one.file.name,
        kind=one.file.kind,
        mime=one.file.mime,
        size=len(one.file.content),
        sha256=sha256(one.file.content).hexdigest(),
        width=one.file.width,
        height=one.file.height,
        stored_name=one.stored_name,
        thumb_name=one.thumb_name,
    )
