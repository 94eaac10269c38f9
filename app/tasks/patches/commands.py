"""`flask patches …`."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from app.sheets import command_line
from app.tasks.patches import files, importing, template
from app.tasks.patches.importing import Report

SHOWN = 100

patches = AppGroup("patches", help="补丁包。")


@patches.command("template")
@command_line.names_a_new_file
def write_template(file: Path, force: bool) -> None:
    """生成登记模板 FILE.xlsx。"""
    command_line.write_template(file, template.write, force=force, usual="补丁包")


@patches.command("import")
@command_line.reads_a_file
@click.pass_context
def import_patches(
    context: click.Context, file: Path, dry_run: bool, with_hidden: bool, as_json: bool
) -> None:
    """登记补丁包，全部正确才写入。

    FILE 是按模板填写的 .xlsx 文件（flask patches template），或 JSON 文件。可重复执行。
    """
    found = files.read(file)
    report = importing.import_packages(found, dry_run=dry_run, with_hidden=with_hidden)
    click.echo(_as_json(report, dry_run) if as_json else _in_words(report, dry_run))
    context.exit(0 if not report.problems and (report.written or dry_run) else 1)


def _as_json(report: Report, dry_run: bool) -> str:
    content = {
        "dry_run": dry_run,
        "written": report.written,
        "problems": [asdict(problem) for problem in report.problems],
        "notes": report.notes,
        "hidden": report.hidden,
        "packages": [
            {"title": title, "modules": modules, "standing": standing}
            for title, modules, standing in report.packages
        ],
    }
    return json.dumps(content, ensure_ascii=False)


def _in_words(report: Report, dry_run: bool) -> str:
    lines = [f"· {note}。" for note in (*report.notes, *report.hidden)]
    if report.problems:
        n = len(report.problems)
        lines += [f"✗ {problem}" for problem in report.problems[:SHOWN]]
        lines += [f"✗ ……另有 {n - SHOWN} 处"] if n > SHOWN else []
        left = "其余已登记" if report.written else "未写入任何内容"
        return "\n".join([*lines, f"共 {n} 处需要更正，{left}。"])
    if not report.written and not dry_run:
        return "\n".join(
            [*lines, "✗ 文件里有隐藏的内容，未写入。确认也要导入时，请加上 --with-hidden 重试。"]
        )
    lines.append("试运行，未写入。正式导入时将会：" if dry_run else "✓ 已登记：")
    lines += [f"  {standing} {title}（{modules} 个模块）" for title, modules, standing in report.packages]
    return "\n".join(lines)
