"""Names in letters: what people type when they look for a place or a person."""

import pytest

from app.places.initials import FAMILY_NAMES, PLACE_PIECES, person_spelling, place_spelling


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("长治市", "czs"),
        ("单县", "sx"),
        ("洪洞县", "htx"),
        ("朝阳市", "cys"),
        ("浚县", "xx"),
        ("漯河市", "lhs"),
        ("覃塘区", "qtq"),
        ("涡阳县", "gyx"),
        ("曾都区", "zdq"),
        ("察哈尔右翼前旗", "cheyyqq"),
        ("石家庄市", "sjzs"),
        ("重庆市", "cqs"),
        ("长寿区", "csq"),
        ("长子县", "zzx"),
        ("子长市", "zcs"),
        ("天长市", "tcs"),
        ("南乐县", "nlx"),
        ("乐清市", "yqs"),
        ("乐东黎族自治县", "ldlzzzx"),
        ("什邡市", "sfs"),
        ("闵行区", "mhq"),
        ("行唐县", "xtx"),
        ("宕昌县", "tcx"),
        ("马尾区", "mwq"),
        ("汕尾市", "sws"),
    ],
)
def test_initials_follow_the_local_reading(name, initials):
    assert place_spelling(name).initials == initials


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("石家庄市", "shijiazhuangshi"),
        ("成都市", "chengdushi"),
        ("佛冈县", "fogangxian"),
        ("库尔勒市", "kuerleshi"),
        ("弥勒市", "mileshi"),
        ("六安市", "luanshi"),
        ("六盘水市", "liupanshuishi"),
        ("吕梁市", "lvliangshi"),
        ("大城县", "daichengxian"),
        ("黄埔区", "huangpuqu"),
    ],
)
def test_the_full_pinyin_has_neither_tones_nor_spaces(name, pinyin):
    assert place_spelling(name).pinyin == pinyin


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("林敏", "linmin", "lm"),
        ("曾静", "zengjing", "zj"),
        ("单晓军", "shanxiaojun", "sxj"),
        ("解志强", "xiezhiqiang", "xzq"),
        ("尉迟明", "yuchiming", "ycm"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
        ("Li Lei2", "lilei2", "ll"),
    ],
)
def test_a_family_name_has_its_own_reading(name, pinyin, initials):
    assert person_spelling(name) == (pinyin, initials)


def test_a_family_name_does_not_change_the_given_name():
    assert person_spelling("王曾").pinyin == "wangceng"


@pytest.mark.parametrize("table", [PLACE_PIECES, FAMILY_NAMES])
def test_every_override_spells_as_many_syllables_as_it_has_characters(table):
    assert {written: read for written, read in table.items() if len(written) != len(read.split())} == {}
