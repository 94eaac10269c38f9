"""The command line: what it says, what it writes, how it exits."""

import json

import openpyxl
import pytest
import sqlalchemy as sa

from app import clock
from app.cli import register_commands
from app.core import create_core
from app.db import db, session, transaction
from app.people import queries as people
from app.people.left_behind import left_behind
from app.people.models import Person
from app.places.models import Place
from app.settings import BadSettings, load
from app.work.models import HistoryEvent
from tests import world as cast
from tests.databases import close_database

SHORT = "code,name,level,parent\n130000,河北省,1,\n130100,石家庄市,2,130000\n130102,长安区,3,130100\n"


@pytest.fixture
def flask(app):
    """Runs `flask …`; the result has exit_code, stdout and stderr."""
    runner = app.test_cli_runner()

    def run(*words):
        session().rollback()
        return runner.invoke(args=[str(word) for word in words])

    return run


@pytest.fixture
def short_file(tmp_path):
    file = tmp_path / "divisions.csv"
    file.write_text(SHORT, encoding="utf-8")
    return file


@pytest.fixture
def people_file(tmp_path):
    def write(*rows):
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "人员"
        for row in [("账号", "姓名", "手机"), *rows]:
            sheet.append(row)
        book.save(tmp_path / "people.xlsx")
        return tmp_path / "people.xlsx"

    return write


def test_places_are_imported_and_counted(flask, short_file):
    result = flask("places", "import", short_file)

    assert result.exit_code == 0
    assert "新增 3，变更 0，停用 0，未变 0。" in result.stdout
    assert session().get(Place, "130102").path == "河北省 / 石家庄市 / 长安区"


def test_places_are_reported_as_json_and_not_written_by_a_dry_run(flask, short_file):
    result = flask("places", "import", short_file, "--dry-run", "--json")

    report = json.loads(result.stdout)
    assert (report["dry_run"], len(report["added"]), report["ended"]) == (True, 3, [])
    assert session().get(Place, "130102") is None


def test_what_an_import_of_places_leaves_behind_is_named(flask, tmp_path):
    cast.build()
    kept = "130000,河北省,1,\n130100,石家庄市,2,130000\n130104,桥西区,3,130100\n130105,新华区,3,130100\n"
    file = tmp_path / "divisions.csv"
    file.write_text(f"# as of 2026-06-30\ncode,name,level,parent\n{kept}130109,长安区,3,130100\n", "utf-8")
    told = "河北省 / 石家庄市 / 长安区（130102）：实施人 王强、主管 赵岚、服务经理 孙丽；现在可能是 130109"

    tried = flask("places", "import", file, "--allow-many-ended", "--dry-run")
    assert "2 个区划不再是点位，但还登记着支持区域" in tried.stdout
    assert "上海市 / 黄浦区（310101）：实施人 沈海、主管 顾东" in tried.stdout
    done = json.loads(flask("places", "import", file, "--allow-many-ended", "--json").stdout)
    assert [one["code"] for one in done["left_behind"]] == ["130102", "310101"]
    assert told in flask("places", "import", file, "--allow-many-ended").stdout
    assert next(str(one) for one in left_behind()) == told


def test_a_wrong_file_of_places_exits_with_one_and_a_sentence(flask, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text("hello\n", encoding="utf-8")
    result = flask("places", "import", file)

    assert result.exit_code == 1
    assert result.stderr.startswith("✗ 文件有误，未导入任何内容")
    assert "Traceback" not in result.output


def test_people_are_imported_from_a_workbook(flask, people_file):
    result = flask("people", "import", people_file(("zhangwei", "张伟", 13800000000)))

    assert result.exit_code == 0
    assert "✓ 已导入：" in result.stdout
    assert people.by_userid("zhangwei").mobile == "13800000000"


def test_a_problem_in_a_workbook_exits_with_one_and_names_the_cell(flask, people_file):
    file = people_file(("zhangwei", "张伟", 1), ("liwei", "李伟", ""))
    result = flask("people", "import", file)
    report = json.loads(flask("people", "import", file, "--json").stdout)

    assert result.exit_code == 1
    assert "“人员”表第 2 行“手机”：不是 11 位手机号。" in result.stdout
    assert report["written"] is False
    assert (report["problems"][0]["row"], report["problems"][0]["column"]) == (2, "手机")
    assert people.by_userid("liwei") is None


def test_the_template_lists_every_point_and_is_never_overwritten_by_accident(flask, short_file, tmp_path):
    flask("places", "import", short_file)
    file = tmp_path / "template.xlsx"

    assert flask("people", "template", file).exit_code == 0
    assert openpyxl.load_workbook(file)["支持区域"]["B2"].value == "河北省 / 石家庄市 / 长安区"
    again = flask("people", "template", file)
    assert again.exit_code == 1
    assert "已经存在" in again.stderr


def test_a_database_without_tables_is_a_sentence_not_a_trace(tmp_path):
    app = create_core(load({"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"}))
    register_commands(app)
    result = app.test_cli_runner().invoke(args=["places", "import"])

    assert result.exit_code == 1
    assert "flask db upgrade" in result.stderr
    with app.app_context():
        close_database()


def test_bad_settings_are_of_the_kind_that_click_shows_without_a_trace():
    with pytest.raises(BadSettings) as wrong:
        load({"SECRET_KEY": "short"})

    assert wrong.value.exit_code == 1
    assert "SECRET_KEY" in wrong.value.format_message()


def test_the_doctor_names_what_is_missing_and_exits_with_one(flask):
    result = flask("doctor")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith("✓ 设置：演示模式")
    assert "✗ 行政区划：还没有。请运行 flask places import。" in lines
    assert any(line.startswith("✗ 后台作业：从未运行。") for line in lines)
    assert any(line.startswith("✗ 企业微信：调用失败") for line in lines)


def test_the_doctor_lists_points_without_an_implementer(flask):
    cast.build()
    lines = flask("doctor").stdout.splitlines()

    assert "✓ 人员：12 人。" in lines
    assert any("1 个点位没有实施人（河北省 / 石家庄市 / 井陉矿区）" in line for line in lines)


def test_the_doctor_stops_at_a_database_it_cannot_reach(tmp_path):
    app = create_core(load({"DATABASE_URL": f"sqlite:///{tmp_path}/no-folder/app.db"}))
    register_commands(app)
    result = app.test_cli_runner().invoke(args=["doctor"])

    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].startswith("✗ 数据库：连接不上")
    with app.app_context():
        db.session.remove()


def test_patches_are_registered_from_a_file_and_reported(flask, app, tmp_path):
    file = tmp_path / "patches.json"
    package = {"name": "征管补丁", "version": "3.2.1", "modules": [{"name": "申报模块"}]}
    file.write_text(json.dumps({"patches": [package]}), encoding="utf-8")

    assert "新增 征管补丁 3.2.1（1 个模块）" in flask("patches", "import", file, "--dry-run").stdout
    assert json.loads(flask("patches", "import", file, "--json").stdout)["written"] is True
    assert "未变 征管补丁 3.2.1" in flask("patches", "import", file).stdout


def test_a_wrong_file_of_patches_exits_with_one_and_names_the_row(flask, tmp_path):
    assert flask("patches", "template", tmp_path / "patches.xlsx").exit_code == 0
    result = flask("patches", "import", tmp_path / "patches.xlsx")

    assert result.exit_code == 1
    assert "里没有补丁包" in result.stdout


@pytest.mark.proves("X-S24")
def test_the_first_administrator_comes_from_the_command_line(flask):
    cast.build()
    first, again = flask("people", "admin", "LinMin"), flask("people", "admin", "linmin")

    assert first.stdout.startswith("✓ 林敏现在是管理员")
    assert again.stdout.startswith("✓ 林敏已经是管理员")
    assert people.by_userid("linmin").role_names == ["发布人", "管理员"]
    (event,) = session().execute(sa.select(HistoryEvent)).scalars()
    assert (event.act, event.facts["changes"]) == (
        "appoint_administrator",
        {"角色": ["发布人", "发布人、管理员"]},
    )


@pytest.mark.parametrize("userid", ["nobody", "sunli"])
def test_nobody_unknown_or_gone_becomes_administrator(flask, userid):
    cast.build()
    with transaction() as current:
        current.execute(sa.update(Person).where(Person.userid == "sunli").values(left_at=clock.now()))
    result = flask("people", "admin", userid)

    assert result.exit_code == 1
    assert "请先" in result.stderr
