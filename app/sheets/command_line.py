"""What commands that write a template or read a filled-in workbook have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from app.errors import BadInput

Command = TypeVar("Command", bound=Callable[..., Any])

NEW_FILE = (
    click.argument("file", type=click.Path(dir_okay=False, path_type=Path)),
    click.option("--force", is_flag=True, help="覆盖已有的文件。"),
)
FILLED_IN = (
    click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    click.option("--dry-run", is_flag=True, help="只核对，不写入。"),
    click.option("--with-hidden", is_flag=True, help="文件里隐藏的表、列和行也导入。"),
    click.option("--json", "as_json", is_flag=True, help="输出 JSON。"),
)


def names_a_new_file(command: Command) -> Command:
    """The command is given `file` and `force`; see `write_template`."""
    return _asks(command, NEW_FILE)


def reads_a_file(command: Command) -> Command:
    """The command is given `file`, `dry_run`, `with_hidden` and `as_json`."""
    return _asks(command, FILLED_IN)


def write_template(file: Path, write: Callable[[Path], None], *, force: bool, usual: str) -> None:
    """Write a template and say so. BadInput for another kind of file, one that is there, and a missing folder."""
    if file.suffix.lower() != ".xlsx":
        raise BadInput(f"模板的文件名应以 .xlsx 结尾，例如 {file.stem or usual}.xlsx。")
    if file.exists() and not force:
        raise BadInput(f"{file} 已经存在，没有覆盖。请换一个文件名，或加上 --force。")
    if not file.absolute().parent.is_dir():
        raise BadInput(f"文件夹 {file.parent} 不存在，请先建立。")
    write(file)
    click.echo(f"✓ 已生成 {file}，请先看其中的“说明”表。")


def _asks(command: Command, parameters: tuple[Callable[[Command], Command], ...]) -> Command:
    for parameter in reversed(parameters):
        command = parameter(command)
    return command
