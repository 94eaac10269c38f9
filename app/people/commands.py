"""`flask people template`; what changes people comes from app.administration."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.errors import BadInput
from app.people import template
from app.places import queries as places

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
    template.write(file, points=places.leaves())
    click.echo(f"✓ 已生成 {file}，请先看其中的“说明”表。")
