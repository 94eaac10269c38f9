"""Registering 补丁包 from files: every problem named, all or nothing."""

import json

import openpyxl
import pytest
import sqlalchemy as sa

from app import clock
from app.db import session
from app.errors import BadInput
from app.tasks.models import Patch
from app.tasks.patches import files, importing, template

COLUMNS = ("补丁包", "版本", "送测状态", "送测人", "送测时间", "模块", "补丁说明")
FIRST = ("征管补丁", "3.2.1", "测试通过", "测试一部", "2026-11-20 09:30", "申报模块", "修复重复申报。")


@pytest.fixture
def run(world, tmp_path):
    """Imports rows of the template, or JSON; the report in words."""

    def run(*rows, content=None, dry_run=False):
        path = tmp_path / ("patches.json" if content is not None else "patches.xlsx")
        if content is not None:
            path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        else:
            template.write(path)
            book = openpyxl.load_workbook(path)
            for row in rows:
                book["补丁包"].append(row)
            book.save(path)
        return importing.import_packages(files.read(path), dry_run=dry_run)

    return run


def said(report):
    return [str(problem) for problem in report.problems]


def registered():
    session().rollback()
    session().expire_all()
    kept = session().execute(sa.select(Patch).order_by(Patch.id)).scalars()
    return [(patch.title, [module.name for module in patch.modules]) for patch in kept]


def test_a_package_takes_a_row_for_each_module(run):
    report = run(FIRST, ("", "", "", "", "", "征收模块", ""), ("对账补丁", "1.0", "", "", "", "对账模块", ""))

    assert said(report) == []
    assert registered() == [("征管补丁 3.2.1", ["申报模块", "征收模块"]), ("对账补丁 1.0", ["对账模块"])]
    first = session().execute(sa.select(Patch)).scalars().first()
    assert (first.test_state, first.sent_by, clock.shown(first.sent_at)) == (
        "测试通过",
        "测试一部",
        "2026-11-20 09:30",
    )


def test_the_same_file_again_changes_nothing(run):
    run(FIRST)

    assert run(FIRST).packages == [("征管补丁 3.2.1", 1, "未变")]
    assert len(registered()) == 1


def test_every_problem_is_named_and_nothing_is_written(run):
    report = run(
        FIRST,
        ("对账补丁", "", "", "", "", "对账模块", ""),
        ("发票补丁", "2.0", "很好", "", "", "开票模块", ""),
        ("社保补丁", "1.1", "", "", "十一月", "", "说明"),
        ("社保补丁", "1.2", "", "甲", "", "缴费", ""),
        ("社保补丁", "1.2", "", "乙", "", "查询", ""),
    )

    assert said(report) == [
        "第 3 行：请填写版本。",
        "第 4 行：送测状态只能是已送测、测试通过、测试未通过。",
        "第 5 行：送测时间“十一月”写法有误，请写成 2026-11-20 09:30 这样。",
        "第 6 行：同一补丁包的写法不一致：“甲”、“乙”。请统一。",
    ]
    assert registered() == []


def test_a_formula_is_a_problem_at_its_cell(run):
    report = run((*FIRST[:-1], "=1+1"))

    assert said(report) == ["第 2 行“补丁说明”：是公式。请复制后“粘贴为值”。"]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(run):
    assert run(FIRST, dry_run=True).packages == [("征管补丁 3.2.1", 1, "新增")]
    assert registered() == []


def test_json_says_the_same(run):
    modules = [{"name": "申报模块", "note": "修复重复申报。"}, {"name": "征收模块"}]
    package = {"name": "征管补丁", "version": 3.2, "sent_at": "2026-11-20T09:30:00+08:00", "modules": modules}

    assert said(run(content={"patches": [package]})) == []
    assert registered() == [("征管补丁 3.2", ["申报模块", "征收模块"])]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([{"name": "甲", "version": "1"}], "第 1 个补丁包：没有模块清单 modules。"),
        ([{"name": "甲", "version": "1", "modules": []}], "第 1 个补丁包：有补丁说明没有写明是哪个模块"),
        ([{"name": "甲", "version": "1", "modules": ["乙"]}], "第 1 个补丁包的第 1 个模块：应是"),
        ([{"name": "甲", "version": [], "modules": [{"name": "乙"}]}], "version 应是文字"),
        ([7], "第 1 个补丁包：没有模块清单 modules。"),
        ([], "文件：里没有补丁包"),
    ],
)
def test_json_of_another_shape_is_named(run, content, sentence):
    report = run(content=content)

    assert any(sentence in text for text in said(report)), said(report)
    assert registered() == []


@pytest.mark.parametrize("content", ["{", "[" * 100_000, '"x"', '{"patches": 1}'])
def test_what_is_no_json_of_ours_is_refused_with_a_sentence(run, content):
    with pytest.raises(BadInput, match="JSON 文件"):
        run(content=content)


def test_the_lines_of_a_note_are_kept_in_excel_and_json(run):
    note = "1. 修复重复申报\n2. 调整税率\n   注意：先备份\n3. 重启服务"
    run((*FIRST[:-1], note))
    modules = [{"name": "申报模块", "note": note}]
    run(content=[{"name": "征管补丁", "version": "3.2.2", "modules": modules}])

    notes = [patch.modules[0].note for patch in session().execute(sa.select(Patch)).scalars()]
    assert notes == [note, note]


def test_a_version_is_what_is_written_not_the_number_behind_it(run):
    modules = '"modules": [{"name": "申报模块"}]'
    run(content='[{"name": "征管补丁", "version": 3.10, ' + modules + "}]")

    assert registered() == [("征管补丁 3.10", ["申报模块"])]


def test_what_a_file_hides_is_said_before_anything_is_written(run, tmp_path):
    run(FIRST, dry_run=True)
    path = tmp_path / "patches.xlsx"
    book = openpyxl.load_workbook(path)
    book["补丁包"].row_dimensions[2].hidden = True
    book.save(path)
    report = importing.import_packages(files.read(path))

    assert report.hidden == ["“补丁包”表第 2 行被隐藏，也会导入"]
    assert registered() == []
    assert importing.import_packages(files.read(path), with_hidden=True).written


def test_a_package_that_a_task_uses_is_named_before_anything_is_written(run, world):
    world.upgrade(modules=("申报模块",))  # 征管补丁 3.2.1
    report = run(("对账补丁", "1.0", "", "", "", "对账模块", ""), FIRST)

    assert said(report)[0].startswith("第 3 行：补丁包 征管补丁 3.2.1 已用于升级任务")
    assert registered() == [("征管补丁 3.2.1", ["申报模块"])]
