"""`flask deliveries …`."""

import json

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from app import clock
from app.db import session
from app.errors import Refusal
from app.notices.ledger import retrying
from app.notices.ledger.lines import EVERYTHING
from app.notices.models import NOT_ARRIVED, Delivery, Outcome
from app.notices.sending.backlog import Waiting, backlog
from app.people.models import Person

deliveries = AppGroup("deliveries", help="通知投递。")

WITHOUT_PROOF = (*NOT_ARRIVED, Outcome.PENDING, Outcome.SENDING)


@deliveries.command("list")
@click.option(
    "--outcome", type=click.Choice([outcome.value for outcome in Outcome]), help="只列出这种状态的通知。"
)
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 10000), help="最多列出多少条。"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，每行一条。")
def list_deliveries(outcome: str | None, limit: int, as_json: bool) -> None:
    """列出尚未送达的通知，最新的在前；队列暂停时说明原因。"""
    wanted = [outcome] if outcome else [each.value for each in WITHOUT_PROOF]
    query = (
        sa.select(Delivery, Person.name)
        .join(Person, Person.id == Delivery.recipient_id)
        .where(Delivery.outcome.in_(wanted))
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    found = session().execute(query).all()
    for row, name in found:
        click.echo(_as_json(row, name) if as_json else _in_words(row, name))
    if not as_json:
        click.echo(_state_of_queue(len(found)))


@deliveries.command()
@click.argument("ids", metavar="[ID...]", nargs=-1, type=int)
@click.option("--unknown", is_flag=True, help="补发全部“结果未知”的通知；先用 list --outcome 结果未知 看过。")
@click.option("--yes", is_flag=True, help="与 --unknown 一起用：不再询问。")
@click.pass_context
def retry(context: click.Context, ids: tuple[int, ...], unknown: bool, yes: bool) -> None:
    """补发未送达的通知（被拒、无效账号、无许可、结果未知），内容不变。"""
    if unknown == bool(ids):
        raise click.UsageError("请写明要补发的通知编号，或者用 --unknown 补发全部“结果未知”的通知。")
    if unknown:
        _retry_doubtful(sure=yes)
        return
    refused = 0
    for delivery_id in ids:
        try:
            retrying.retry(delivery_id, by=None, sure=True)
            click.echo(f"{delivery_id}：已重新排队。")
        except Refusal as refusal:
            refused += 1
            click.echo(f"{delivery_id}：{refusal}", err=True)
    context.exit(1 if refused else 0)


@deliveries.command()
def restored() -> None:
    """恢复备份之后、启动后台作业之前运行：备份里待发的通知改为“结果未知”，不自动再发。"""
    number = retrying.restored()
    click.echo(
        f"{number} 条待发的通知改为“结果未知”。核对后补发：flask deliveries retry ID，或 --unknown 全部。"
    )


def _retry_doubtful(*, sure: bool) -> None:
    seen_at = clock.now()
    number = retrying.doubtful(EVERYTHING)
    if not number:
        click.echo("没有可以补发的“结果未知”的通知。")
        return
    if not sure:
        click.confirm(f"共 {number} 条“结果未知”。{retrying.ASK_FIRST_OF_ALL}补发吗？", abort=True)
    queued = retrying.retry_doubtful(EVERYTHING, seen_at=seen_at, by=None)
    click.echo(f"已重新排队 {queued} 条。")


def _as_json(row: Delivery, name: str) -> str:
    return json.dumps(
        {
            "id": row.id,
            "outcome": row.outcome,
            "recipient": name,
            "wording": row.wording,
            "title": row.title,
            "errcode": row.errcode,
            "reason": row.reason,
            "attempts": row.attempts,
            "created_at": row.created_at.isoformat(),
            "next_at": row.next_at.isoformat() if row.next_at else None,
        },
        ensure_ascii=False,
    )


def _in_words(row: Delivery, name: str) -> str:
    parts = [
        str(row.id),
        row.outcome,
        name,
        row.title,
        clock.shown(row.created_at),
        f"尝试 {row.attempts} 次",
    ]
    if row.next_at:
        parts.append(f"下次 {clock.shown(row.next_at)}")
    return "  ".join([*parts, row.reason]).rstrip()


def _in_short(waiting: Waiting) -> str:
    oldest = f"（最早 {clock.shown(waiting.oldest_at)}）" if waiting.oldest_at else ""
    return f"{waiting.number} 条{oldest}"


def _state_of_queue(shown: int) -> str:
    state = backlog()
    lines = [f"列出 {shown} 条；排队 {_in_short(state.messages)}，待改的卡片 {_in_short(state.amendments)}。"]
    if state.stopped:
        until = clock.shown(state.stopped.until)
        lines.append(
            f"队列自 {clock.shown(state.stopped.since)} 起暂停：{state.stopped.reason}；{until} 再试。"
        )
    return "\n".join(lines)
