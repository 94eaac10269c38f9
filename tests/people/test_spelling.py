"""Names of people in letters: the family name by its own reading, and by what else it is taken for."""

import pytest
import sqlalchemy as sa

from app.db import db, session
from app.people import respelling
from app.people.models import Person
from app.people.queries import search_people
from app.people.spelling import person_spelling, surnames


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("林敏", "linmin", "lm"),
        ("仇波", "qiubo", "qb"),
        ("曾静", "zengjing", "zj"),
        ("单晓军", "shanxiaojun", "sxj"),
        ("解志强", "xiezhiqiang", "xzq"),
        ("查良镛", "zhaliangyong", "zly"),
        ("区大相", "oudaxiang", "odx"),
        ("尉迟明", "yuchiming", "ycm"),
        ("万俟卨", "moqixie", "mqx"),
        ("李　四", "lisi", "ls"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
        ("Li Lei2", "lilei2", "ll"),
        ("", "", ""),
    ],
)
def test_a_family_name_has_its_own_reading(name, pinyin, initials):
    assert person_spelling(name)[:2] == (pinyin, initials)


def test_a_family_name_does_not_change_the_given_name():
    assert person_spelling("王曾").pinyin == "wangceng"


@pytest.mark.parametrize(
    ("name", "taken_for"),
    [("仇波", "choubo"), ("单晓军", "dxj"), ("尉迟明", "weichiming"), ("区大相", "qdx")],
)
def test_what_else_a_family_name_is_taken_for_is_known(name, taken_for):
    assert taken_for in person_spelling(name).others.split()


def test_names_in_latin_letters_have_one_spelling():
    assert person_spelling("John Smith").others == ""


def test_every_family_name_of_the_table_has_a_syllable_for_each_character():
    assert {name: read for name, read in surnames().items() if len(name) != len(read.split())} == {}
    assert len(surnames()) == 492


def found(text):
    return [person.name for person in search_people(text).people]


def rename(world, userid, name):
    """As a version before this one wrote it."""
    with db.engine.connect() as line:
        query = sa.update(Person).where(Person.userid == userid)
        line.execution_options(writes=True, alone=False)
        line.execute(query.values(name=name, pinyin="choubo", initials="cb", spellings=None))
        line.commit()
    session().expire_all()


def test_a_person_is_found_by_either_reading_once_the_upgrade_has_been_there(world):
    rename(world, "wangqiang", "仇　波")
    assert found("qiubo") == []

    assert respelling.respell() == len(world.by_name)
    assert respelling.respell() == 0
    for text in ("qiub", "qb", "choub", "cb", "仇波", "仇 波", "仇　波", "qiu bo"):
        assert found(text) == ["仇波"], text


def test_blanks_do_not_matter_in_latin_names_either(world):
    rename(world, "wangqiang", "John Smith")
    respelling.respell()

    assert found("john s") == found("johns") == ["John Smith"]
