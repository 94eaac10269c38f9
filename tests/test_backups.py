"""A backup that is taken while the program writes is whole, and holds what was committed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from app.db import db, transaction
from app.people.models import Region


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.proves("R-P14", "X-A13")
def test_a_backup_is_taken_while_somebody_writes(core: Flask, tmp_path: Path) -> None:
    with transaction() as current:
        current.add(Region(name="华北大区"))
    copy = tmp_path / "backup.db"

    with transaction() as current:
        current.add(Region(name="华东大区"))
        current.flush()
        with (
            closing(sqlite3.connect(str(db.engine.url.database))) as line,
            closing(sqlite3.connect(copy)) as to,
        ):
            line.backup(to)

    with closing(sqlite3.connect(copy)) as line:
        assert line.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert line.execute("SELECT name FROM region").fetchall() == [("华北大区",)]
