"""An import by an administrator: the report of the command line, all or nothing, and on record."""

import openpyxl
import pytest
import sqlalchemy as sa

from app.administration import importing
from app.administration.importing import import_file
from app.db import db, session
from app.errors import BadInput, Busy, NotAllowed
from app.people import area_queries, differences, queries
from app.work import history

HEADER = ("账号", "姓名", "大区", "角色")


def log(kind, subject_id):
    session().rollback()
    return [event.facts["changes"] for event in history.of(session(), kind, subject_id)]


def test_what_a_file_changes_is_on_record_person_by_person(world, workbook):
    rows = [("zhangwei", "张伟", "华北大区", "实施人"), ("lijing", "李净", "华北大区", "实施人")]
    report = import_file(workbook(人员=[HEADER, *rows]), by=world.person("何志远"))

    assert report.written
    assert "人员：新增 1，变更 1，未变 0" in report.lines
    assert log("people_import", 0) == [report.lines]
    assert log("person", queries.by_userid("lijing").id) == [{"姓名": ["李静", "李净"]}]
    assert log("person", queries.by_userid("zhangwei").id)[0]["角色"] == ["", "实施人"]


def test_places_that_change_hands_are_on_record_place_by_place(world, workbook):
    header = ("点位", "实施人", "主管")
    file = workbook(支持区域=[header, ("长安区", "李静、王强", "赵岚"), ("桥西区", "无", "")])
    import_file(file, by=world.person("何志远"))

    steps = [
        (one.place.name, one.person.name, one.before, one.after)
        for person in ("李静", "王强", "赵岚")
        for one in area_queries.changes_of(person_id=world.by_name[person])
    ]
    assert steps == [
        ("长安区", "李静", "", "主要"),
        ("桥西区", "王强", "主要", ""),
        ("长安区", "王强", "主要", "后备"),
    ]


def test_a_check_writes_nothing(world, workbook):
    file = workbook(人员=[HEADER, ("zhangwei", "张伟", "", "")])
    report = import_file(file, by=world.person("何志远"), dry_run=True)

    assert not report.written
    assert "人员：新增 1，变更 0，未变 0" in report.lines
    assert queries.by_userid("zhangwei") is None
    assert log("people_import", 0) == []


def test_a_file_with_mistakes_is_explained_row_by_row(world, workbook):
    file = workbook(人员=[HEADER, ("zhangwei", "张伟", "华西大区", "主管"), ("王", "", "", "")])
    report = import_file(file, by=world.person("何志远"))

    assert [(one.row, one.column) for one in report.problems] == [(2, "大区"), (3, "账号")]
    assert queries.by_userid("zhangwei") is None


def test_a_file_does_not_take_the_role_from_the_last_administrator(world, workbook):
    file = workbook(人员=[HEADER, ("hezhiyuan", "何志远", "", "发布人")])
    with pytest.raises(BadInput, match="至少要有一位在职的管理员"):
        import_file(file, by=world.person("何志远"))

    assert world.person("何志远").role_names == ["管理员"]


def test_only_administrators_import(world, workbook):
    with pytest.raises(NotAllowed):
        import_file(workbook(人员=[HEADER, ("zhangwei", "张伟", "", "")]), by=world.person("周总"))


def test_what_a_file_hides_is_said_and_written_only_when_asked_for(world, workbook):
    path = workbook(人员=[HEADER, ("zhangwei", "张伟", "", ""), ("liwei", "李伟", "", "")])
    book = openpyxl.load_workbook(path)
    book["人员"].row_dimensions[3].hidden = True
    book.save(path)
    report = import_file(path, by=world.person("何志远"))

    assert (report.written, report.hidden) == (False, ["“人员”表第 3 行被隐藏，也会导入"])
    assert queries.by_userid("zhangwei") is None
    assert import_file(path, by=world.person("何志远"), with_hidden=True).written
    assert queries.by_userid("liwei") is not None


def test_the_report_says_of_every_row_what_becomes_of_it(world, workbook):
    people = [HEADER, ("zhangwei", "张伟", "", ""), ("lijing", "李净", "华北大区", "实施人")]
    places = [("点位", "实施人", "主管"), ("石家庄市", "", "赵岚"), ("长安区", "李净、王强", "")]
    report = import_file(workbook(人员=people, 支持区域=places), by=world.person("何志远"), dry_run=True)

    assert [(one.sheet, one.row, one.name, one.standing) for one in report.rows] == [
        ("人员", 2, "张伟（zhangwei）", "新增"),
        ("人员", 3, "李净（lijing）", "变更"),
        ("支持区域", 2, "主管", "新增"),
        ("支持区域", 3, "实施人", "变更"),
    ]


@pytest.fixture
def in_small_parts(monkeypatch):
    """Two people or areas to a transaction."""
    monkeypatch.setattr(differences, "PART", 2)


def people_file(workbook, count):
    return workbook(人员=[HEADER, *[(f"new{n}", f"新人{n}", "", "实施人") for n in range(count)]])


def test_others_write_while_a_long_file_is_brought_in(world, workbook, in_small_parts):
    written = []

    def somebody_else(rows):
        with db.engine.connect() as other:
            line = other.execution_options(writes=True, alone=False)
            line.execute(sa.text("UPDATE department SET name = name"))
            line.commit()
        written.append(rows)

    checked = importing.check(people_file(workbook, 5))
    importing.write(checked, by=world.person("何志远"), progress=somebody_else)

    assert written == [2, 2, 1]
    assert queries.by_userid("new4").role_names == ["实施人"]


def test_what_was_cut_off_says_how_far_it_came_and_goes_on_with_the_same_file(
    world, workbook, in_small_parts
):
    def cut_off(_rows):
        raise Busy

    file = people_file(workbook, 5)
    with pytest.raises(Busy, match=r"5 项变更已写入 2 项.*用同一个文件再导入一次"):
        importing.write(importing.check(file), by=world.person("何志远"), progress=cut_off)
    assert log("people_import", 0) == []
    again = import_file(file, by=world.person("何志远"))

    assert "人员：新增 3，变更 0，未变 2" in again.lines
    assert log("people_import", 0) == [again.lines]


def test_the_role_of_administrator_changes_hands_in_one_part(world, workbook, in_small_parts):
    rows = [("hezhiyuan", "何志远", "", "发布人"), *[(f"n{n}", f"新{n}", "", "") for n in range(4)]]
    import_file(workbook(人员=[HEADER, *rows, ("new", "新人", "", "管理员")]), by=world.person("何志远"))

    assert queries.by_userid("new").role_names == ["管理员"]
    assert world.person("何志远").role_names == ["发布人"]


def test_nothing_is_written_where_nobody_would_be_left_to_administer(world, workbook, in_small_parts):
    rows = [*[(f"n{n}", f"新{n}", "", "") for n in range(4)], ("hezhiyuan", "何志远", "", "发布人")]
    with pytest.raises(BadInput, match="至少要有一位在职的管理员"):
        import_file(workbook(人员=[HEADER, *rows]), by=world.person("何志远"))

    assert queries.by_userid("n0") is None
