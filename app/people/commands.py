"""`flask people template`; what changes people comes from app.administration."""

from functools import partial
from pathlib import Path

from flask.cli import AppGroup

from app.people import template
from app.places import queries as places
from app.sheets import command_line

people = AppGroup("people", help="人员和支持区域。")


@people.command("template")
@command_line.names_a_new_file
def write_template(file: Path, force: bool) -> None:
    """生成导入模板 FILE.xlsx，含全部点位。"""
    write = partial(template.write, points=places.leaves())
    command_line.write_template(file, write, force=force, usual="人员")
