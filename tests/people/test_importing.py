"""Importing people and support areas from a workbook: every problem named, all or nothing."""

import zipfile

import openpyxl
import pytest
import sqlalchemy as sa

from app.db import session
from app.errors import BadInput
from app.people import differences, importing, queries, registry, staffing, template
from app.people.models import Person, RegionProvince, Role, SupportArea
from app.sheets import workbook

PEOPLE = ("账号", "姓名", "部门", "大区", "职务", "手机", "角色")
AREAS = ("代码", "点位", "实施人", "主管", "服务经理")
WANG = ("wangqiang", "王强", "华北大区", "华北大区", "实施工程师", "13800000001", "实施人")


@pytest.fixture
def file(tmp_path):
    """Writes a workbook: sheet → rows, the header first."""

    def write(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        path = tmp_path / "people.xlsx"
        book.save(path)
        return path

    return write


def check(path):
    return importing.check(workbook.read(path, importing.LAYOUTS), registry.from_database())


def import_file(path):
    """Writes what a file asks for; what it changed."""
    checked = check(path)
    assert [str(problem) for problem in checked.problems] == []
    found = differences.between(session(), checked.organisation)
    staffing.write(checked.organisation)
    return found


def problems(path):
    return [str(problem) for problem in check(path).problems]


def person(userid):
    session().rollback()
    session().expire_all()
    return queries.by_userid(userid)


def staff(code):
    """role → names, the primary one first."""
    session().rollback()
    query = (
        sa.select(SupportArea.role, Person.name)
        .join(Person)
        .where(SupportArea.place_code == code)
        .order_by(SupportArea.is_primary.desc(), Person.name)
    )
    found = {}
    for role, name in session().execute(query):
        found.setdefault(role, []).append(name)
    return found


def test_a_new_person_gets_department_region_roles_and_pinyin(world, file):
    row = ("ZhangWei", "张伟", "技术支持部", "华北大区", "工程师", "138 0000 0000", "主管、实施人")
    import_file(file(人员=[PEOPLE, row]))

    zhang = person("zhangwei")
    assert (zhang.name, zhang.pinyin, zhang.mobile) == ("张伟", "zhangwei", "13800000000")
    assert (zhang.department.name, zhang.region.name) == ("技术支持部", "华北大区")
    assert zhang.role_names == ["主管", "实施人"]


def test_the_second_import_changes_nothing(world, file):
    path = file(人员=[PEOPLE, WANG], 支持区域=[AREAS, ("", "长安区", "李静、王强", "", "")])
    import_file(path)
    again = import_file(path)

    assert (again.people, again.areas) == (
        {"wangqiang": "未变"},
        {("130102", Role.IMPLEMENTER): "未变"},
    )
    assert len(again.to_write) == 0


def test_a_column_that_the_file_lacks_stays_as_it_was(world, file):
    import_file(file(人员=[("账号", "姓名", "职务"), ("wangqiang", "王强", "高级工程师")]))

    wang = person("wangqiang")
    assert wang.position == "高级工程师"
    assert (wang.region.name, wang.role_names) == ("华北大区", ["实施人"])


def test_an_empty_cell_empties_what_it_stands_for(world, file):
    import_file(file(人员=[PEOPLE, ("wangqiang", "王强", "", "华北大区", "", "", "")]))

    wang = person("wangqiang")
    assert (wang.department, wang.role_names) == (None, [])


def test_only_the_places_and_roles_that_are_named_change(world, file):
    import_file(file(支持区域=[AREAS, ("130102", "", "李静", "", "")]))

    assert staff("130102") == {"implementer": ["李静"], "supervisor": ["赵岚"], "service_manager": ["孙丽"]}
    assert staff("130104")["implementer"] == ["王强"]


def test_the_first_of_several_is_the_primary_one(world, file):
    import_file(file(支持区域=[AREAS, ("130102", "", "李静、王强", "", "")]))

    assert staff("130102")["implementer"] == ["李静", "王强"]
    assert queries.primary_staff()["130102"].implementer_id == world.by_name["李静"]


def test_nobody_is_written_as_such(world, file):
    import_file(file(支持区域=[AREAS, ("130102", "", "", "", "无")]))

    assert "service_manager" not in staff("130102")
    assert staff("130102")["implementer"] == ["王强"]


def test_a_city_fills_its_counties_and_the_nearer_row_wins(world, file):
    rows = [AREAS, ("", "河北省 / 石家庄市", "李静", "", ""), ("", "石家庄市/桥西区", "王强", "", "")]
    import_file(file(支持区域=rows))

    assert staff("130107")["implementer"] == ["李静"]
    assert staff("130104")["implementer"] == ["王强"]


def test_a_province_moves_to_the_region_that_names_it(world, file):
    import_file(file(大区=[("大区", "省份"), ("东部大区", "上海、河北省")]))

    session().rollback()
    rows = session().execute(sa.select(RegionProvince.province_code, RegionProvince.region_id)).all()
    assert len({region for _code, region in rows}) == 1


def test_the_head_office_is_marked_in_the_sheet_of_departments(world, file):
    import_file(file(部门=[("部门", "是否总部"), ("数据中心", "是"), ("服务运营部", "否")]))

    assert queries.heads_the_company(world.person("何主任"))
    assert not queries.heads_the_company(world.person("周总"))


def test_someone_who_left_is_not_brought_back_by_a_file(app, world, file, told_time):
    session().execute(sa.update(Person).where(Person.userid == "wangqiang").values(left_at=told_time.moment))
    session().commit()
    path = file(人员=[PEOPLE, WANG])
    import_file(path)

    assert person("wangqiang").left_at is not None
    assert check(path).notes == ["王强（wangqiang）已离职，资料会更新，但不会因此恢复在职"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("王 强", "王强", "", "", "", "", ""), "“人员”表第 2 行“账号”：“王 强”不是企业微信账号。"),
        (("", "王强", "", "", "", "", ""), "“人员”表第 2 行“账号”：没有填写账号。"),
        (("wq", "", "", "", "", "", ""), "“人员”表第 2 行“姓名”：没有填写姓名。"),
        (("wq", "王强", "", "华北", "", "", ""), "“人员”表第 2 行“大区”：没有“华北”这个大区。"),
        (("wq", "王强", "", "", "", "12345", ""), "“人员”表第 2 行“手机”：不是 11 位手机号。"),
        (("wq", "王强", "", "", "", "", "实施"), "“人员”表第 2 行“角色”：没有“实施”这个角色。"),
        (("wq", "王强", "", "", "", "", "主管"), "“人员”表第 2 行“大区”：主管必须填写大区。"),
        (("wq", "王强", "", "", "", "", "部门经理"), "“人员”表第 2 行“部门”：部门经理必须填写部门。"),
        (("wq", "=1+1", "", "", "", "", ""), "“人员”表第 2 行“姓名”：是公式。"),
        (("wq", "王" * 31, "", "", "", "", ""), "“人员”表第 2 行“姓名”：超过 30 个字。"),
        (("wq", "王\u202e强", "", "", "", "", ""), "“人员”表第 2 行“姓名”：含有不可见字符。"),
    ],
)
def test_a_wrong_cell_of_a_person_is_named(world, file, row, sentence):
    found = problems(file(人员=[PEOPLE, row]))

    assert len(found) == 1
    assert found[0].startswith(sentence)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("", "长安", "王强", "", ""), "“支持区域”表第 2 行“点位”：没有“长安”这个行政区划。"),
        (("990000", "", "王强", "", ""), "“支持区域”表第 2 行“代码”：没有代码为 990000 的行政区划。"),
        (
            ("130102", "桥西区", "王强", "", ""),
            "“支持区域”表第 2 行“代码”：代码 130102 是河北省/石家庄市/长安区",
        ),
        (("130102", "", "无名氏", "", ""), "“支持区域”表第 2 行“实施人”：没有“无名氏”这个人。"),
        (("130102", "", "林敏", "", ""), "“支持区域”表第 2 行“实施人”：林敏（linmin）没有“实施人”角色。"),
        (("130102", "", "王强、wangqiang", "", ""), "“支持区域”表第 2 行“实施人”：wangqiang 写了 2 次。"),
        (("130102", "", "李静（wangqiang）", "", ""), "“支持区域”表第 2 行“实施人”：wangqiang 是王强"),
    ],
)
def test_a_wrong_cell_of_a_support_area_is_named(world, file, row, sentence):
    found = problems(file(支持区域=[AREAS, row]))

    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_people_of_the_same_name_must_be_told_apart(world, file):
    second = ("wangqiang2", "王强", "", "华北大区", "", "", "实施人")
    ambiguous = file(人员=[PEOPLE, second], 支持区域=[AREAS, ("130102", "", "王强", "", "")])
    assert problems(ambiguous) == [
        "“支持区域”表第 2 行“实施人”：有 2 个人叫王强。请填账号：wangqiang、wangqiang2。"
    ]

    import_file(file(人员=[PEOPLE, second], 支持区域=[AREAS, ("130102", "", "王强（wangqiang2）", "", "")]))
    session().rollback()
    assert queries.primary_staff()["130102"].implementer_id == person("wangqiang2").id


def test_all_problems_are_told_at_once_and_duplicates_by_row(world, file):
    bad = ("wq", "王强", "", "华北", "", "1", "实施")
    found = problems(file(人员=[PEOPLE, bad, WANG, WANG]))

    assert len(found) == 4
    assert found[-1].startswith("“人员”表第 4 行“账号”：与第 3 行重复。")


def test_nothing_is_kept_when_writing_fails_half_way(world):
    people = {"new": {"name": "新人", "pinyin": "xinren", "initials": "xr"}}
    areas = {("130102", Role.IMPLEMENTER): ["nobody"]}
    with pytest.raises(KeyError):
        staffing.write(staffing.Organisation(people=people, areas=areas))

    assert person("new") is None


def test_comparing_writes_nothing(world, file):
    checked = check(file(人员=[PEOPLE, ("new", "新人", "", "", "", "", "")]))

    assert differences.between(session(), checked.organisation).people == {"new": "新增"}
    assert person("new") is None


def test_a_title_above_the_header_and_columns_of_ones_own_do_no_harm(world, file):
    path = file(人员=[("人员登记表",), (*PEOPLE, "备注"), (*WANG, "老员工")])

    assert import_file(path).people == {"wangqiang": "变更"}
    assert check(path).notes == ["“人员”表里没有用到的列：备注"]


def test_the_template_explains_itself_and_can_be_read_back(world, tmp_path):
    path = tmp_path / "template.xlsx"
    template.write(path, points=[("130102", "河北省 / 石家庄市 / 长安区")])

    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["说明", "人员", "支持区域", "大区", "部门"]
    assert [cell.value for cell in book["支持区域"][2]][:2] == ["130102", "河北省 / 石家庄市 / 长安区"]
    checked = check(path)
    assert (checked.problems, len(checked.organisation)) == ([], 0)


def test_the_template_names_every_column_and_every_role(world, tmp_path):
    told = {(row[0], row[1]) for row in template.EXPLANATION if len(row) == 4}

    assert told - {("表", "列")} == {
        (sheet, column) for sheet, layout in importing.LAYOUTS.items() for column in layout.columns
    }


def zip_file(path, **parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_bytes(b"not a workbook"), "不是 .xlsx 文件"),
        (lambda path: path.write_bytes(b""), "不是 .xlsx 文件"),
        (lambda path: zip_file(path, a=b"hello"), "不是 .xlsx 文件"),
        (lambda path: zip_file(path, a=b"0" * 101_000_000), "文件内容异常"),
        (
            lambda path: zip_file(path, a=b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'),
            "文件内容异常",
        ),
    ],
)
def test_a_hostile_or_foreign_file_is_refused_with_a_sentence(tmp_path, make, sentence):
    path = tmp_path / "people.xlsx"
    make(path)

    with pytest.raises(BadInput, match=sentence):
        workbook.read(path, importing.LAYOUTS)


def test_a_workbook_without_our_sheets_says_how_to_get_the_template(file):
    with pytest.raises(BadInput, match="flask people template"):
        workbook.read(file(Sheet1=[("a", "b")]), importing.LAYOUTS)


def test_a_sheet_without_its_header_is_a_problem(world, file):
    assert problems(file(人员=[("姓名", "电话"), ("王强", "1")])) == [
        "“人员”表：没有找到含“姓名”、“账号”的表头行。"
    ]
