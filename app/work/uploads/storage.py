"""Files on disk under random names, outside everything that is served by itself."""

import errno
import logging
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from flask import current_app

from app import clock
from app.errors import Busy

log = logging.getLogger(__name__)

NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)


def write(content: bytes) -> str:
    """Keep `content`, on the disk itself and not only in its cache; returns the name to find it by."""
    name = secrets.token_hex(16)
    path = path_of(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        log.error("cannot keep an upload: %s", error)
        remove([name])
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise Busy("存储空间不足，请联系管理员。" if full else "附件暂时无法保存，请稍后再试。") from None
    told = clock.now().timestamp()  # the house's time, so that `older_than` compares like with like
    os.utime(path, (told, told))
    return name


def path_of(name: str) -> Path:
    """Where the file of this name lies; ValueError for anything that `write` did not hand out."""
    if not NAME.fullmatch(name):
        raise ValueError("not a stored name")
    return Path(current_app.config["UPLOAD_DIR"]) / name[:2] / name


def remove(names: Iterable[str]) -> None:
    """Delete files. One that stays, for whatever reason, is an orphan: the daily job tries again."""
    for name in names:
        with suppress(OSError):
            path_of(name).unlink()


def older_than(moment: datetime) -> Iterator[list[str]]:
    """The names of files written before `moment`, a folder at a time."""
    root = Path(current_app.config["UPLOAD_DIR"])
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")):
        files = [file for file in folder.iterdir() if NAME.fullmatch(file.name)]
        yield [file.name for file in files if file.stat().st_mtime < moment.timestamp()]
