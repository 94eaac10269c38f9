"""Importing 行政区划: again and again, without ever losing a code."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.db import session
from app.errors import BadInput
from app.places import editions, importing
from app.places.models import Place

HEADER = "code,name,level,parent\n"
LINES = [
    "130000,河北省,1,",
    "130100,石家庄市,2,130000",
    "130102,长安区,3,130100",
    "130104,桥西区,3,130100",
    "440000,广东省,1,",
    "441900,东莞市,2,440000",
    "429000,湖北省,1,",
    "429004,仙桃市,3,429000",
]


@pytest.fixture
def import_lines(app, tmp_path):
    """Imports these lines as a file of that day."""

    def run(lines=LINES, *, as_of="2025-12-31", **options):
        file = tmp_path / "divisions.csv"
        file.write_text(f"# as of {as_of}\n{HEADER}" + "\n".join(lines), encoding="utf-8")
        return importing.import_edition(editions.read(file), **options)

    return run


def place(code):
    session().rollback()
    session().expire_all()
    return session().get_one(Place, code)


def without(code):
    return [line for line in LINES if not line.startswith(code)]


def test_the_whole_country_is_imported_once_and_then_left_alone(app):
    edition = editions.read(importing.DEFAULT_FILE)

    first = importing.import_edition(edition)
    second = importing.import_edition(edition)

    assert (len(first.added), first.kept) == (3214, 0)
    assert (len(second), second.kept) == (0, 3214)
    leaves = sa.select(sa.func.count()).select_from(Place).where(Place.is_leaf)
    assert session().execute(leaves).scalar_one() == 2854


def test_a_county_knows_its_path_its_city_and_its_province(import_lines):
    import_lines()

    county = place("130102")
    assert county.path == "河北省 / 石家庄市 / 长安区"
    assert (county.province_code, county.city_code, county.is_leaf) == ("130000", "130100", True)
    assert (county.pinyin, county.initials) == ("changanqu", "caq")


def test_a_county_right_under_its_province_has_no_city(import_lines):
    import_lines()

    assert place("429004").city_code is None


def test_a_prefecture_without_counties_is_a_point_and_its_own_city_Q50(import_lines):
    import_lines()

    assert place("441900").is_leaf
    assert place("441900").city_code == "441900"
    assert not place("130100").is_leaf


def test_the_first_import_reaches_back_and_later_codes_begin_with_their_edition(import_lines):
    import_lines()
    import_lines([*LINES, "130105,新华区,3,130100"], as_of="2027-12-31")

    assert place("130102").valid_from == importing.FIRST_DAY
    assert place("130105").valid_from == date(2027, 12, 31)


def test_a_code_that_vanished_is_ended_and_kept(import_lines):
    import_lines()
    changes = import_lines(without("130104"), as_of="2026-12-31", allow_many_ended=True)

    assert changes.ended == ["130104"]
    assert place("130104").valid_to == date(2026, 12, 31)


def test_a_code_that_comes_back_is_valid_again(import_lines):
    import_lines()
    import_lines(without("130104"), allow_many_ended=True)
    changes = import_lines()

    assert [row["code"] for row in changes.changed] == ["130104"]
    assert place("130104").valid_to is None


def test_a_new_name_reaches_the_paths_below(import_lines):
    import_lines()
    renamed = [line.replace("石家庄市", "石门市") for line in LINES]
    changes = import_lines(renamed)

    assert {row["code"] for row in changes.changed} == {"130100", "130102", "130104"}
    assert place("130102").path == "河北省 / 石门市 / 长安区"


def test_a_file_that_lacks_much_is_refused_unless_meant(import_lines):
    import_lines()

    with pytest.raises(BadInput, match="缺少 1 个现有行政区划"):
        import_lines(without("130104"))
    assert place("130104").valid_to is None


def test_a_dry_run_reports_and_writes_nothing(import_lines):
    changes = import_lines(dry_run=True)

    assert len(changes.added) == len(LINES)
    assert session().execute(sa.select(sa.func.count()).select_from(Place)).scalar_one() == 0


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("13010,长安区,3,130100", "第 11 行：代码 '13010' 应为 6 位数字"),
        ("130102,长安区,3,130100", "第 11 行：代码 130102 重复"),
        ("130105,新华区,4,130100", "级别 '4' 应为"),
        ("130105,,3,130100", "名称为空"),
        ("130105,新\x07华区,3,130100", "不可见字符"),
        ("130105,新华区,3,139999", "文件里没有它的上级 139999"),
        ("130105,新华区,3,", "其他级别必须有上级代码"),
        ("130105,新华区,2,130102", "级别应高于它"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_imported(import_lines, line, sentence):
    with pytest.raises(BadInput, match=sentence):
        import_lines([*LINES, line])
    assert session().execute(sa.select(sa.func.count()).select_from(Place)).scalar_one() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "没有内容"),
        (b"name,age\nx,1\n", "表头缺少 code、level、parent 列"),
        ("code,name,level,parent\n130000,河北省,1,\n".encode("gbk"), "不是 UTF-8 编码"),
        (b"PK\x03\x04\x00\xff", "不是 UTF-8 编码"),
    ],
)
def test_another_kind_of_file_is_refused_with_a_sentence(tmp_path, content, sentence):
    file = tmp_path / "divisions.csv"
    file.write_bytes(content)

    with pytest.raises(BadInput, match=sentence):
        editions.read(file)


def test_a_name_as_long_as_names_may_be_is_kept_with_its_pinyin(import_lines):
    import_lines([*LINES, f"130105,{'庄' * 29}区,3,130100"])

    assert place("130105").pinyin == "zhuang" * 29 + "qu"


def test_a_padded_name_and_one_with_a_new_character_are_taken(import_lines):
    import_lines([*LINES, "130105,新　华 区,3,130100", "130106,\U00031350州,3,130100"])

    assert place("130105").name == "新华区"
    assert place("130106").name == "\U00031350州"
