"""Files as people really send them: what they see in Excel or WPS is what is read."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from app.errors import BadInput
from app.sheets import workbook
from app.sheets.workbook import Kind, Layout

LAYOUT = Layout(
    columns={"账号": (), "姓名": (), "角色": (), "说明": (), "时间": ()},
    required=frozenset({"账号"}),
    kinds={"姓名": Kind.NAME, "角色": Kind.SEVERAL, "说明": Kind.LINES, "时间": Kind.MOMENT},
)
HEADER = ("账号", "姓名", "角色", "说明", "时间")
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a 人员 sheet with these rows; `touch` gets the sheet before it is saved, `parts` changes the zip."""

    def make(
        *rows: tuple[Any, ...],
        touch: Callable[[Worksheet], None] = lambda _sheet: None,
        parts: Callable[[str, bytes], tuple[str, bytes]] = lambda name, content: (name, content),
    ) -> Path:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "人员"
        for row in (HEADER, *rows):
            sheet.append(row)
        touch(sheet)
        book.save(tmp_path / "plain.xlsx")
        with (
            zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
            zipfile.ZipFile(tmp_path / "people.xlsx", "w", zipfile.ZIP_DEFLATED) as changed,
        ):
            for name in plain.namelist():
                changed.writestr(*parts(name, plain.read(name)))
        return tmp_path / "people.xlsx"

    return make


def read(file: Path) -> workbook.Workbook:
    return workbook.read(file, {"人员": LAYOUT})


def column(file: Path, name: str) -> list[str]:
    book = read(file)
    assert [str(problem) for problem in book.problems] == []
    return [line[name] for line in book.lines("人员")]


def problems(file: Path) -> list[str]:
    return [str(problem) for problem in read(file).problems]


def test_every_row_of_a_merged_range_has_its_value(make: Make) -> None:
    rows = [("a", "甲", "实施人"), ("b", "乙"), ("c", "丙"), ("d", "丁", "主管")]
    file = make(*rows, touch=lambda sheet: sheet.merge_cells("C2:C4"))

    assert column(file, "角色") == ["实施人", "实施人", "实施人", "主管"]


def test_a_range_over_several_columns_is_a_problem_that_names_it(make: Make) -> None:
    file = make(("a", "甲", "实施人"), touch=lambda sheet: sheet.merge_cells("B2:C3"))

    assert problems(file) == ["“人员”表第 2 行：B2:C3 是跨列的合并单元格。请取消合并，每格分别填写。"]


def test_rows_that_hold_nothing_but_the_rest_of_a_merged_range_are_no_rows(make: Make) -> None:
    file = make(("a", "甲", "实施人"), touch=lambda sheet: sheet.merge_cells("C2:C40"))

    assert column(file, "账号") == ["a"]


def test_a_merged_title_and_a_header_of_two_rows_do_no_harm(make: Make) -> None:
    def title(sheet: Worksheet) -> None:
        sheet.insert_rows(1)
        sheet["A1"] = "人员登记表"
        sheet.merge_cells("A1:E1")
        sheet.insert_rows(3)
        sheet.merge_cells("A2:A3")

    assert column(make(("a", "甲", "实施人"), touch=title), "账号") == ["a"]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (123, "00000", "00123"),
        (123, "General", "123"),
        (123, "@", "123"),
        (123, '"CS"000', "CS123"),
        (7, "00000;-00000", "00007"),
        (13800000001, "000-0000-0000", "138-0000-0001"),
        (13800000001, "0_ ", "13800000001"),
        (3.2, "General", "3.2"),
        (3.2, "0.00", "3.20"),
        (3.10, "0.##", "3.1"),
        (1234, "#,##0", "1,234"),
        (0.1 + 0.2, "General", "0.3"),
        (130102000000, "General", "130102000000"),
    ],
)
def test_a_number_is_what_its_format_shows(make: Make, value: float, number_format: str, shown: str) -> None:
    def style(sheet: Worksheet) -> None:
        sheet["A2"].number_format = number_format

    assert column(make((value,), touch=style), "账号") == [shown]


@pytest.mark.parametrize(
    ("value", "number_format"), [(0.5, "0%"), (123, "0.00E+00"), (10**16, "General"), (5, "yyyy"), (-1, "00")]
)
def test_a_number_that_its_format_hides_is_a_problem(make: Make, value: float, number_format: str) -> None:
    def style(sheet: Worksheet) -> None:
        sheet["A2"].number_format = number_format

    [problem] = problems(make((value,), touch=style))
    assert "“账号”" in problem
    assert problem.endswith("请把单元格格式改为“文本”后重新填写。")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("李　四", "李四"),
        (" 王 五 ", "王五"),
        ("尉迟 \u3000 恭", "尉迟恭"),
        ("John  Smith", "John Smith"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("王\n强", "王强"),
        ("陈\U00031350", "陈\U00031350"),  # extension H, Unicode 15
        ("王\U0002ebf0", "王\U0002ebf0"),  # extension I, Unicode 15.1
        ("王\U00032400", "王\U00032400"),  # nothing stands there yet
    ],
)
def test_a_name_is_read_without_its_padding_whatever_its_characters(
    make: Make, written: str, read_as: str
) -> None:
    assert column(make(("a", written)), "姓名") == [read_as]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("王\ue863", "含有私用区字符（U+E863），在别的设备上显示不出来"),
        ("王\U000f0001", "含有私用区字符（U+F0001）"),
        ("王\u202e强", "含有不可见字符"),
        ("王\u00ad强", "含有不可见字符"),
    ],
)
def test_characters_that_nobody_can_read_are_named_as_what_they_are(
    make: Make, written: str, why: str
) -> None:
    [problem] = problems(make(("a", written)))

    assert f"“姓名”：{why}" in problem


def test_line_ends_are_kept_where_text_is_kept_and_part_names_where_several_are_allowed(make: Make) -> None:
    note = "1. 修复\r\n2. 调整  \n   注意：先备份_x000D_\n3. 重启"
    [line] = read(make(("a\nb", "甲", "王强\n 任 东升", note))).lines("人员")

    assert line["账号"] == "a b"
    assert line["角色"] == "王强\n任东升"
    assert line["说明"] == "1. 修复\n2. 调整\n   注意：先备份\n3. 重启"


def test_a_long_note_is_read_whole(make: Make) -> None:
    assert column(make(("a", "", "", "长" * 20_000)), "说明") == ["长" * 20_000]


def test_a_date_cell_is_as_good_as_a_written_moment_and_a_problem_elsewhere(make: Make) -> None:
    day, moment = date(2026, 11, 20), datetime.fromisoformat("2026-11-20T09:30")

    assert column(make(("a", "", "", "", moment), ("b", "", "", "", day)), "时间") == [
        "2026-11-20 09:30",
        "2026-11-20",
    ]
    assert "应是文字，现在是 2026-11-20" in problems(make(("a", day)))[0]


def test_borders_down_to_row_21000_are_no_rows(make: Make) -> None:
    def borders(name: str, content: bytes) -> tuple[str, bytes]:
        if name.endswith("sheet1.xml"):
            blank = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(12, 21_000))
            content = content.replace(b"</sheetData>", f"{blank}</sheetData>".encode())
        return name, content

    file = make(*[(f"a{n}", "甲") for n in range(10)], parts=borders)

    assert column(file, "账号") == [f"a{n}" for n in range(10)]


def test_more_rows_with_content_than_a_file_may_have_is_said(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)

    assert problems(make(*[(f"a{n}",) for n in range(4)])) == ["“人员”表第 5 行：超过 3 行。请分成几个文件。"]


@pytest.mark.parametrize(
    ("part", "usual", "odd"),
    [
        ("xl/styles.xml", b"<fill><patternFill", b"<fill/><fill><patternFill"),
        ("xl/styles.xml", b'<family val="2"', b'<family val="49"'),
        (
            "xl/workbook.xml",
            b"</sheets>",
            b'</sheets><definedNames><definedName name="x" hidden="?"/></definedNames>',
        ),
        ("xl/worksheets/sheet1.xml", b"<pageMargins", b'<conditionalFormatting sqref="?"/><pageMargins'),
    ],
)
def test_what_does_not_matter_for_reading_is_not_read(
    make: Make, part: str, usual: bytes, odd: bytes
) -> None:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        assert name != part or usual in content
        return name, content.replace(usual, odd, 1) if name == part else content

    assert column(make(("a", "甲"), parts=change), "姓名") == ["甲"]


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name.replace("sharedStrings", "SharedStrings"),
        lambda name: name.replace("/", "\\"),
        lambda name: name.replace("xl/", "XL/"),
    ],
)
def test_parts_are_found_by_any_case_and_slash(make: Make, rename: Callable[[str], str]) -> None:
    file = make(("a", "甲"), parts=lambda name, content: (rename(name), content))

    assert column(file, "姓名") == ["甲"]


def test_strict_open_xml_is_read_as_well(make: Make) -> None:
    def strict(name: str, content: bytes) -> tuple[str, bytes]:
        usual = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        content = content.replace(usual, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
        return name, content.replace(relations, b"http://purl.oclc.org/ooxml/officeDocument/relationships")

    assert column(make(("a", "甲"), parts=strict), "姓名") == ["甲"]


def test_a_file_that_cannot_be_read_says_as_what_to_save_it(make: Make) -> None:
    file = make(
        ("a", "甲"), parts=lambda name, content: (name, content[:200] if "sheet1.xml" in name else content)
    )

    with pytest.raises(BadInput, match=r"另存为“Excel 工作簿（\*.xlsx）”"):
        read(file)


def test_a_doctype_behind_a_long_comment_is_refused_as_well(make: Make) -> None:
    def declare(name: str, content: bytes) -> tuple[str, bytes]:
        comment = b"<!--" + b"x" * 5000 + b'--><!DOCTYPE x [<!ENTITY a "b">]><worksheet'
        return name, content.replace(b"<worksheet", comment, 1) if "sheet1.xml" in name else content

    with pytest.raises(BadInput, match="外部定义"):
        read(make(("a", "甲"), parts=declare))


def hide_rows(sheet: Worksheet) -> None:
    for number in (3, 4, 6):
        sheet.row_dimensions[number].hidden = True
    sheet.row_dimensions[9].hidden = True  # nothing stands there


def test_rows_and_columns_out_of_sight_are_told(make: Make) -> None:
    def filtered(sheet: Worksheet) -> None:
        hide_rows(sheet)
        sheet.auto_filter.ref = "A1:E6"
        sheet.column_dimensions["C"].hidden = True

    rows = [(f"a{n}", "甲") for n in range(5)]
    assert read(make(*rows)).hidden == []
    assert read(make(*rows, touch=hide_rows)).hidden == ["“人员”表第 3–4、6 行被隐藏，也会导入"]
    assert read(make(*rows, touch=filtered)).hidden == [
        "“人员”表里隐藏的列也会导入：角色",
        "“人员”表第 3–4、6 行被筛选隐藏，也会导入",
    ]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_told_and_gives_way_to_one_that_people_see(make: Make, state: str) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.parent.create_sheet("别的")
        sheet.sheet_state = state

    def beside(sheet: Worksheet) -> None:
        hide(sheet)
        visible = sheet.parent.create_sheet("人员 ")
        visible.append(HEADER)
        visible.append(("seen", "乙"))

    assert read(make(("a", "甲"), touch=hide)).hidden == ["“人员”表是隐藏的，也会导入"]
    both = read(make(("a", "甲"), touch=beside))
    assert [line["账号"] for line in both.lines("人员")] == ["seen"]
    assert (both.hidden, both.notes) == ([], ["另有一张隐藏的“人员”表，没有读取"])


def test_two_sheets_of_one_name_are_a_problem(make: Make) -> None:
    def double(sheet: Worksheet) -> None:
        second = sheet.parent.create_sheet("人员 ")
        second.append(HEADER)

    assert problems(make(("a", "甲"), touch=double)) == ["“人员”表：有两张同名的表。请只保留一张。"]
