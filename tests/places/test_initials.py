"""Names in letters: what people type when they look for a place."""

import pytest

from app.places.initials import PLACE_PIECES, place_spelling


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


def test_every_override_spells_as_many_syllables_as_it_has_characters():
    assert {name: read for name, read in PLACE_PIECES.items() if len(name) != len(read.split())} == {}
