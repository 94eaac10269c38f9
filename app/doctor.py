"""`flask doctor`: is this installation well, and what to do where it is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app import clock, schema
from app.db import session
from app.notices.sending.backlog import backlog
from app.outage import reason_of
from app.people import queries as people
from app.people.models import Person, PersonRole, Role
from app.places.models import Place
from app.settings import UNASKED_DEMO, Settings
from app.wecom.client import WeCom
from app.wecom.errors import WeComError
from app.work import leases

OLDEST_HEARTBEAT = timedelta(seconds=60)  # it beats every 10 seconds
OLDEST_WAITING = timedelta(minutes=15)
SHOWN = 3


class Mark(StrEnum):
    """How well something is."""

    WELL = "✓"
    NOTE = "!"  # worth knowing, nothing is broken
    ILL = "✗"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    mark: Mark
    what: str
    said: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.what}：{self.said}。{self.advice}"


def well(what: str, said: str) -> Finding:
    """Nothing to do."""
    return Finding(Mark.WELL, what, said)


def ill(what: str, said: str, advice: str) -> Finding:
    """Something does not work until the advice is followed."""
    return Finding(Mark.ILL, what, said, advice)


def examine() -> Iterator[Finding]:
    """Every finding, the ground first; what stands on something broken is not looked at."""
    settings: Settings = current_app.config["SETTINGS"]
    yield _settings(settings)
    try:
        yield from _on_the_database(settings)
    except SQLAlchemyError as error:
        yield ill("数据库", f"连接不上（{reason_of(error)}）", "请检查 DATABASE_URL，确认数据库已启动。")


def _on_the_database(settings: Settings) -> Iterator[Finding]:
    yield well("数据库", "{} {}".format(*_database()))
    migrations = _migrations()
    yield migrations
    if migrations.mark is Mark.WELL:
        for check in (_places, _people, _support_areas, _scheduler, _backlog):
            yield check()
        yield _wecom(settings, current_app.extensions["wecom"])


def _settings(settings: Settings) -> Finding:
    if settings.unasked_demo:
        said, advice = UNASKED_DEMO.split("。", 1)
        return ill("设置", said, advice)
    mode = "演示模式" if settings.demo else "生产模式"
    return well("设置", f"{mode}，{settings.PUBLIC_BASE_URL}")


def _database() -> tuple[str, str]:
    connection = session().connection()
    version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.dialect.name], version


def _migrations() -> Finding:
    found = schema.look()
    if found.state is schema.State.PRESENT:
        return well("数据库结构", f"已是最新（{'、'.join(found.revisions)}）")
    if found.state is schema.State.NEWER:
        unknown = "、".join(found.revisions)
        return ill("数据库结构", f"数据库比程序新（{unknown}）", "请更新程序，或恢复与程序同版本的备份。")
    return ill("数据库结构", "数据库比程序旧", "请运行 flask db upgrade。")


def _places() -> Finding:
    leaves = _count(sa.select(Place).where(Place.is_leaf, Place.valid_to.is_(None)))
    if not leaves:
        return ill("行政区划", "还没有", "请运行 flask places import。")
    return well("行政区划", f"{leaves} 个点位")


def _people() -> Finding:
    present = sa.select(Person).where(Person.left_at.is_(None))
    publishing = PersonRole.role.in_([Role.PUBLISHER, Role.DEPARTMENT_MANAGER])
    number = _count(present)
    if not number:
        return ill("人员", "还没有", "请用 flask people template 生成模板，填写后 flask people import。")
    if not _count(present.where(Person.role_rows.any(publishing))):
        return ill("人员", f"{number} 人，没有人能发布任务", "请给至少一人加上“发布人”或“部门经理”角色。")
    return well("人员", f"{number} 人")


def _support_areas() -> Finding:
    staff = people.primary_staff()
    query = sa.select(Place.code, Place.path).where(Place.is_leaf, Place.valid_to.is_(None))
    missing = [
        path
        for code, path in session().execute(query.order_by(Place.code))
        if code not in staff or staff[code].implementer_id is None
    ]
    if not missing:
        return well("支持区域", "没有缺实施人的点位")
    names = "、".join(missing[:SHOWN]) + ("等" if len(missing) > SHOWN else "")
    said = f"{len(missing)} 个点位没有实施人（{names}）"
    return Finding(Mark.NOTE, "支持区域", said, "发布到这些点位前，请在支持区域中补上。")


def _scheduler() -> Finding:
    age = leases.heartbeat_age()
    if age is not None and age <= OLDEST_HEARTBEAT:
        return well("后台作业", "正在运行")
    said = "从未运行" if age is None else f"已停止（最后一次是 {clock.shown(clock.now() - age)}）"
    return ill("后台作业", said, "通知发不出去，超期不会标记。请启动 python -m scheduler。")


def _backlog() -> Finding:
    waits = backlog()
    waiting = f"{waits.messages.number} 条待发，{waits.amendments.number} 张卡片待改"
    if waits.stopped is not None:
        said = f"已暂停，{waiting}：{waits.stopped.reason}"
        return ill("通知投递", said, "请按原因处理，之后会自动继续。")
    age = max(waits.messages.age, waits.amendments.age)
    if age > OLDEST_WAITING:
        said = f"{waiting}，最早的是 {clock.shown(clock.now() - age)}"
        return ill("通知投递", said, "请看后台作业的日志，或运行 flask deliveries list。")
    return well("通知投递", waiting)


def _wecom(settings: Settings, wecom: WeCom) -> Finding:
    try:
        answer = wecom.get("agent/get", {"agentid": settings.WECOM_AGENT_ID})
    except WeComError as error:
        code = f"（{error.errcode}）" if error.errcode else ""
        advice = "请检查 WECOM_CORP_ID、WECOM_SECRET、WECOM_AGENT_ID，以及企业微信后台的可信 IP。"
        return ill("企业微信", f"调用失败：{error.text}{code}", advice)
    return well("企业微信", f"应用“{answer.get('name', '')}”可以调用")


def _count(query: sa.Select[Any]) -> int:
    return int(session().execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one())


@click.command("doctor", help="检查这套系统是否正常，逐项说明怎么处理。")
@click.pass_context
@with_appcontext
def doctor(context: click.Context) -> None:
    """Print the findings as they come; exit code 1 where something is ill."""
    anything_ill = False
    for finding in examine():
        click.echo(str(finding))
        anything_ill |= finding.mark is Mark.ILL
    context.exit(1 if anything_ill else 0)
