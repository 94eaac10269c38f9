"""Writes the workbook that an administrator fills in; what it says is what the import reads."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.people.importing import AREAS, DEPARTMENTS, LAYOUTS, PEOPLE, REGIONS, ROLES

WIDTHS = {"账号": 18, "点位": 44, "省份": 60, "角色": 28, "部门": 18, "职务": 18, "手机": 16}
USUAL_WIDTH = 14
HEADINGS = ("怎么用", "表")
EXPLANATION: tuple[tuple[str, ...], ...] = (
    ("人员和支持区域导入模板",),
    ("",),
    ("怎么用",),
    (
        "1. 在后面的表里填写。不需要的表可以删掉；“人员”表里不需要的列也可以删掉，删掉的列保持系统里原来的内容。",
    ),
    ("2. 先核对：flask people import 文件.xlsx --dry-run　有问题时会逐行说明，什么也不写入。",),
    ("3. 再导入：flask people import 文件.xlsx　全部正确才写入，可以重复导入。",),
    ("4. 一格里写多个时用顿号分开，例如：主管、服务经理。请填文字，不要用公式。",),
    ("",),
    ("表", "列", "填什么", "例子"),
    (PEOPLE, "账号", "必填。企业微信通讯录里的“账号”（userid），不分大小写", "wangqiang"),
    (PEOPLE, "姓名", "必填", "王强"),
    (PEOPLE, "部门", "部门名称，系统里没有的会新建", "华北大区"),
    (PEOPLE, "大区", "须是“大区”表或系统里已有的大区；大区经理和主管必填", "华北大区"),
    (PEOPLE, "职务", "任意文字", "实施工程师"),
    (PEOPLE, "手机", "11 位手机号，可不填", ""),
    (PEOPLE, "角色", f"可填多个：{'、'.join(ROLES)}；空着表示没有角色", "主管、服务经理"),
    (AREAS, "代码", "行政区划代码，可不填", "130102"),
    (AREAS, "点位", "名称或路径。填省、市时，下面所有点位都适用；更具体的一行优先", "河北省/石家庄市/长安区"),
    (AREAS, "实施人", "姓名或账号；多个时第一个是主要实施人。空着不改动，填“无”清空", "王强"),
    (AREAS, "主管", "同上", "赵岚"),
    (AREAS, "服务经理", "同上。有重名时写成 姓名（账号）", "孙丽（sunli）"),
    (REGIONS, "大区", "必填", "华北大区"),
    (REGIONS, "省份", "这个大区的省级行政区，可写简称", "北京、天津、河北、山西、内蒙古"),
    (DEPARTMENTS, "部门", "必填", "服务运营部"),
    (DEPARTMENTS, "是否总部", "是 或 否。总部的部门经理可以查看和管理全部任务", "是"),
)


def write(file: Path, *, points: Iterable[tuple[str, str]]) -> None:
    """Write the template; `points` are (code, path) of the 支持区域 sheet, ready to be filled in."""
    book = Workbook()
    book.remove(book.worksheets[0])
    explain(book.create_sheet("说明"), EXPLANATION)
    for name, layout in LAYOUTS.items():
        sheet = book.create_sheet(name)
        head(sheet, list(layout.columns), widths=WIDTHS)
        if name == AREAS:
            for code, path in points:
                sheet.append([code, path])
    book.active = 1
    book.save(file)


def explain(sheet: Worksheet, lines: Sequence[tuple[str, ...]]) -> None:
    """Fill the sheet that says how a template is used; the first line is its title."""
    for texts in lines:
        sheet.append(texts)
    for row in sheet.iter_rows():
        if row[0].value in (lines[0][0], *HEADINGS):
            for cell in row:
                cell.font = Font(bold=True)
    for column, width in zip("ABCD", (14, 12, 72, 34), strict=True):
        sheet.column_dimensions[column].width = width


def head(sheet: Worksheet, columns: Sequence[str], *, widths: Mapping[str, int]) -> None:
    """The header row of a sheet to be filled in."""
    sheet.append(list(columns))
    sheet.freeze_panes = "A2"
    for position, (name, cell) in enumerate(zip(columns, sheet[1], strict=True), start=1):
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8F3EC")
        letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = widths.get(name, USUAL_WIDTH)
        # As text, or Excel shows long numbers as 1.3E+10 and drops leading zeros.
        sheet.column_dimensions[letter].number_format = "@"
