"""`flask places …`: here, for what an import leaves behind is known to app.people."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from app.people.left_behind import LeftBehind, left_behind
from app.places import editions, importing

SHOWN = 10

places = AppGroup("places", help="行政区划。")


@places.command("import")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=importing.DEFAULT_FILE,
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="文件所述的日期，默认取文件头的 as of。")
@click.option("--allow-many-ended", is_flag=True, help="确认一次停用超过一成的行政区划。")
@click.option("--dry-run", is_flag=True, help="只核对，不写入。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def import_places(
    file: Path, as_of: datetime | None, allow_many_ended: bool, dry_run: bool, as_json: bool
) -> None:
    """导入或更新行政区划，FILE 默认为随产品提供的全国行政区划。

    可重复执行；文件里没有的代码标为停用，不会删除。
    """
    edition = editions.read(file)
    if as_of:
        edition = replace(edition, as_of=as_of.date())
    with click.progressbar(length=len(edition.divisions), label="行政区划", hidden=as_json) as bar:
        changes = importing.import_edition(
            edition, dry_run=dry_run, allow_many_ended=allow_many_ended, progress=bar.update
        )
        bar.update(changes.kept)
    left = left_behind({*changes.ended, *changes.divided})
    click.echo(_as_json(changes, left, dry_run) if as_json else _in_words(changes, left, dry_run))


def _as_json(changes: importing.Changes, left: list[LeftBehind], dry_run: bool) -> str:
    report = {
        "dry_run": dry_run,
        "added": [row["code"] for row in changes.added],
        "changed": [row["code"] for row in changes.changed],
        "ended": changes.ended,
        "kept": changes.kept,
        "left_behind": [
            {"code": one.code, "path": one.path, "people": one.people, "follows": one.follows} for one in left
        ],
    }
    return json.dumps(report, ensure_ascii=False)


def _in_words(changes: importing.Changes, left: list[LeftBehind], dry_run: bool) -> str:
    head = "试运行，未写入：" if dry_run else ""
    lines = [
        f"{head}新增 {len(changes.added)}，变更 {len(changes.changed)}，"
        f"停用 {len(changes.ended)}，未变 {changes.kept}。"
    ]
    if changes.kept:  # the first import would only list the whole country
        lines += _some("新增", [f"{row['code']} {row['path']}" for row in changes.added])
        lines += _some("变更", [f"{row['code']} {row['path']}" for row in changes.changed])
        lines += _some("停用", changes.ended)
    if left:
        lines.append(
            f"! {len(left)} 个区划不再是点位，但还登记着支持区域，请在人员页去掉或改登记到新的点位："
        )
        lines += [f"  {one}" for one in left]
    return "\n".join(lines)


def _some(word: str, names: list[str]) -> list[str]:
    more = [f"  ……另有 {len(names) - SHOWN} 个"] if len(names) > SHOWN else []
    return [f"  {word} {name}" for name in names[:SHOWN]] + more
