"""`flask demo seed`: the country, a made-up company and a few days of its work.

Everything is written by the product's own imports and use cases; the past is
made by telling the clock. The same organisation file runs the stand-in.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import flask_migrate
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup

from app import demo_tasks
from app.db import session
from app.errors import NotAllowed
from app.people import staffing
from app.people.models import AREA_ROLES, Person, Role
from app.people.spelling import person_spelling
from app.places import editions, importing
from app.places.models import Place

ORGANISATION = Path(__file__).parent / "simulator" / "organisation.json"
PLACES, PEOPLE_AND_AREAS = 3214, 8880  # for the progress bars; a test holds them true

Progress = Callable[[int], object]


def seed_places(progress: Progress) -> None:
    """The whole country."""
    importing.import_edition(editions.read(importing.DEFAULT_FILE), progress=progress)


def seed_people(progress: Progress) -> None:
    """The demo organisation."""
    staffing.write(organisation(ORGANISATION), progress=progress)


def organisation(file: Path) -> staffing.Organisation:
    """The organisation file in the shape of the people import."""
    content = json.loads(file.read_text(encoding="utf-8"))
    departments = {row["id"]: row["name"] for row in content["departments"]}
    used = {row["department"][0] for row in content["members"]}
    return staffing.Organisation(
        regions={row["name"]: row["provinces"] for row in content["regions"]},
        departments={
            row["name"]: row.get("head_office", False) for row in content["departments"] if row["id"] in used
        },
        people={row["userid"].lower(): _person(row, departments) for row in content["members"]},
        areas={(row["place"], role): row[role] for row in content["support_areas"] for role in AREA_ROLES},
    )


def _person(row: dict[str, Any], departments: dict[int, str]) -> staffing.Row:
    return {
        "name": row["name"],
        "pinyin": row["pinyin"],
        "initials": row["initials"],
        "spellings": person_spelling(row["name"]).others,
        "position": row["position"],
        "department": departments[row["department"][0]],
        "region": row["region"],
        "roles": {Role(role) for role in row["roles"]},
    }


def _none(kind: type[Place | Person]) -> bool:
    return not session().execute(sa.select(sa.exists().select_from(kind))).scalar_one()


demo = AppGroup("demo", help="演示数据。")


@demo.command("seed")
@click.option("--upgrade", is_flag=True, help="先升级数据库结构（同 flask db upgrade）。")
def seed(upgrade: bool) -> None:
    """写入演示数据：行政区划、演示组织和几条任务。已有数据保持不变，可重复执行。"""
    if not current_app.config["SETTINGS"].demo:
        raise NotAllowed("生产环境（MODE=production）不能写入演示数据。")
    if upgrade:
        flask_migrate.upgrade()
    # What a visitor changed stays: a step writes only where there is nothing of its kind.
    _write("行政区划", PLACES, seed_places, missing=_none(Place))
    _write("人员和支持区域", PEOPLE_AND_AREAS, seed_people, missing=_none(Person))
    _write("演示任务", demo_tasks.STEPS, demo_tasks.seed, missing=demo_tasks.missing())


def _write(what: str, steps: int, write: Callable[[Progress], object], *, missing: bool) -> None:
    if not missing:
        click.echo(f"✓ {what}已有，保持不变")
        return
    with click.progressbar(length=steps, label=f"正在写入{what}") as bar:
        write(bar.update)
