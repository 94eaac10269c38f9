"""An import by an administrator: the report of the command line, all or nothing, and on record."""

import pytest

from app.administration.importing import import_file
from app.db import session
from app.errors import BadInput, NotAllowed
from app.people import area_queries, queries
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
