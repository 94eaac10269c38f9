"""`flask people import` and `flask people admin`, beside the command that app.people has."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from app.administration import importing
from app.administration.importing import Report
from app.administration.people import appoint_administrator
from app.people.commands import people as people
from app.people.differences import Difference, Standing
from app.sheets import command_line

SHOWN = 100


@people.command("import")
@command_line.reads_a_file
@click.pass_context
def import_people(
    context: click.Context, file: Path, dry_run: bool, with_hidden: bool, as_json: bool
) -> None:
    """导入人员和支持区域，全部正确才写入。

    FILE 是按模板填写的 .xlsx 文件（flask people template）。可重复执行；
    文件里没有的人员、点位保持不变。
    """
    checked = importing.check(file)
    hidden = as_json or bool(checked.problems)
    with click.progressbar(length=len(checked.organisation), label="人员和支持区域", hidden=hidden) as bar:
        report = importing.write(
            checked, by=None, dry_run=dry_run, with_hidden=with_hidden, progress=bar.update
        )
    click.echo(_as_json(report, dry_run) if as_json else _in_words(report, dry_run))
    context.exit(0 if report.written or (dry_run and not report.problems) else 1)


@people.command("admin")
@click.argument("userid")
def appoint(userid: str) -> None:
    """让 USERID 成为管理员（第一位管理员由此产生），可重复执行。"""
    name, is_new = appoint_administrator(userid)
    click.echo(f"✓ {name}现在是管理员，打开“我的 → 管理”。" if is_new else f"✓ {name}已经是管理员。")


def _as_json(report: Report, dry_run: bool) -> str:
    said = {
        "dry_run": dry_run,
        "written": report.written,
        "problems": [asdict(problem) for problem in report.problems],
        "notes": report.notes,
        "hidden": report.hidden,
        "changes": _counted(report.difference) if report.difference else None,
        "rows": [asdict(row) for row in report.rows],
    }
    return json.dumps(said, ensure_ascii=False)


def _counted(difference: Difference) -> dict[str, dict[str, int]]:
    """Kind → what becomes of it → how many."""
    words = {Standing.ADDED: "added", Standing.CHANGED: "changed", Standing.KEPT: "kept"}
    words |= {Standing.REMOVED: "removed"}
    kinds = ("regions", "departments", "people", "areas")
    counted = {kind: Counter(getattr(difference, kind).values()) for kind in kinds}
    return {kind: {word: count[key] for key, word in words.items()} for kind, count in counted.items()}


def _in_words(report: Report, dry_run: bool) -> str:
    lines = [f"· {note}。" for note in (*report.notes, *report.hidden)]
    if report.problems:
        n = len(report.problems)
        lines += [f"✗ {problem}" for problem in report.problems[:SHOWN]]
        lines += [f"✗ ……另有 {n - SHOWN} 处"] if n > SHOWN else []
        return "\n".join([*lines, f"共 {n} 处需要更正，未写入任何内容。"])
    if not report.written and not dry_run:
        return "\n".join(
            [*lines, "✗ 文件里有隐藏的内容，未写入。确认也要导入时，请加上 --with-hidden 重试。"]
        )
    lines.append("试运行，未写入。正式导入时将会：" if dry_run else "✓ 已导入：")
    return "\n".join([*lines, *(f"  {line}" for line in report.lines)])
