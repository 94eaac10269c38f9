"""`flask people …`."""

import json
from dataclasses import asdict
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from app.db import session
from app.errors import BadInput
from app.people import importing, registry, staffing, template, workbook
from app.places.models import Place

SHOWN = 100

people = AppGroup("people", help="人员和支持区域。")


@people.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="覆盖已有的文件。")
def write_template(file: Path, force: bool) -> None:
    """生成导入模板 FILE.xlsx，含全部点位。"""
    if file.suffix.lower() != ".xlsx":
        raise BadInput(f"模板的文件名应以 .xlsx 结尾，例如 {file.stem or '人员'}.xlsx。")
    if file.exists() and not force:
        raise BadInput(f"{file} 已经存在，没有覆盖。请换一个文件名，或加上 --force。")
    if not file.absolute().parent.is_dir():
        raise BadInput(f"文件夹 {file.parent} 不存在，请先建立。")
    leaves = sa.select(Place.code, Place.path).where(Place.is_leaf, Place.valid_to.is_(None))
    template.write(file, points=session().execute(leaves.order_by(Place.code)))
    click.echo(f"✓ 已生成 {file}，请先看其中的“说明”表。")


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只核对，不写入。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_context
def import_people(context: click.Context, file: Path, dry_run: bool, as_json: bool) -> None:
    """导入人员和支持区域，全部正确才写入。

    FILE 是按模板填写的 .xlsx 文件（flask people template）。可重复执行；
    文件里没有的人员、点位保持不变。
    """
    checked = importing.check(workbook.read(file, importing.LAYOUTS), registry.from_database())
    changes = None
    if not checked.problems:
        length = len(checked.organisation)
        with click.progressbar(length=length, label="人员和支持区域", hidden=as_json) as bar:
            changes = staffing.write(checked.organisation, dry_run=dry_run, progress=bar.update)
    report = _as_json if as_json else _in_words
    click.echo(report(checked, changes, dry_run))
    context.exit(1 if checked.problems else 0)


def _as_json(checked: importing.Checked, changes: staffing.Changes | None, dry_run: bool) -> str:
    report = {
        "dry_run": dry_run,
        "written": changes is not None and not dry_run,
        "problems": [asdict(problem) for problem in checked.problems],
        "notes": checked.notes,
        "changes": asdict(changes) if changes else None,
    }
    return json.dumps(report, ensure_ascii=False)


def _in_words(checked: importing.Checked, changes: staffing.Changes | None, dry_run: bool) -> str:
    lines = [f"· {note}。" for note in checked.notes]
    if changes is None:
        n = len(checked.problems)
        lines += [f"✗ {problem}" for problem in checked.problems[:SHOWN]]
        lines += [f"✗ ……另有 {n - SHOWN} 处"] if n > SHOWN else []
        return "\n".join([*lines, f"共 {n} 处需要更正，未写入任何内容。"])
    lines.append("试运行，未写入。正式导入时将会：" if dry_run else "✓ 已导入：")
    lines += [
        _line("大区", changes.regions),
        _line("部门", changes.departments),
        _line("人员", changes.people),
        _line("支持区域", changes.areas),
    ]
    return "\n".join(lines)


def _line(name: str, count: staffing.Count) -> str:
    removed = f"，清空 {count.removed}" if count.removed else ""
    return f"  {name}：新增 {count.added}，变更 {count.changed}{removed}，未变 {count.kept}"
