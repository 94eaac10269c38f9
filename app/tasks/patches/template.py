"""Writes the workbook in which 补丁包 are filled in; what it says is what the import reads."""

from pathlib import Path

from openpyxl import Workbook

from app.people.template import explain, head
from app.tasks.labels import TrialState
from app.tasks.patches.files import LAYOUTS, SHEET

WIDTHS = {"补丁包": 24, "送测时间": 20, "模块": 24, "补丁说明": 70}
EXPLANATION: tuple[tuple[str, ...], ...] = (
    ("补丁包登记模板",),
    ("",),
    ("怎么用",),
    ("1. 在“补丁包”表里填写，每个模块一行；同一补丁包的后续模块可以不再写补丁包和版本。",),
    ("2. 先核对：flask patches import 文件.xlsx --dry-run　有问题时会逐行说明，什么也不写入。",),
    ("3. 再导入：flask patches import 文件.xlsx　全部正确才写入，可以重复导入。",),
    ("4. 已用于升级任务的版本不能再改模块和说明，请换一个版本号。请填文字，不要用公式。",),
    ("",),
    ("表", "列", "填什么", "例子"),
    (SHEET, "补丁包", "必填", "征管补丁"),
    (SHEET, "版本", "必填", "3.2.1"),
    (SHEET, "送测状态", f"{'、'.join(TrialState)}；空着表示{TrialState.SENT}", TrialState.PASSED),
    (SHEET, "送测人", "可不填", "测试一部 方晴"),
    (SHEET, "送测时间", "可不填", "2026-11-20 09:30"),
    (SHEET, "模块", "必填，发布升级任务时成为明细", "申报模块"),
    (SHEET, "补丁说明", "实施人在任务里看到的说明，任务里不能改", "修复重复申报的问题。"),
)


def write(file: Path) -> None:
    """Write the template."""
    book = Workbook()
    book.remove(book.worksheets[0])
    explain(book.create_sheet("说明"), EXPLANATION)
    head(book.create_sheet(SHEET), list(LAYOUTS[SHEET].columns), widths=WIDTHS)
    book.active = 1
    book.save(file)
