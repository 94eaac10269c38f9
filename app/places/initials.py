"""Names as they are typed: toneless pinyin and first letters, for search and for sorting."""

import re
from typing import NamedTuple

# How a character is read in the names of places, wherever the dictionary prefers another reading.
PLACE_CHARACTERS = {
    "什": "shi",
    "佛": "fo",
    "勒": "le",
    "卡": "ka",
    "朝": "chao",
    "柏": "bai",
    "都": "du",
    "长": "chang",
}

# Names, or pieces of names, read in their own way. They win over the characters above.
PLACE_PIECES = {
    "伽师": "jia shi",
    "六合区": "lu he qu",
    "单县": "shan xian",
    "南乐": "nan le",
    "召陵": "shao ling",
    "大城县": "dai cheng xian",
    "宕昌": "tan chang",
    "崆峒": "kong tong",
    "曾都": "zeng du",
    "民乐": "min le",
    "泊头": "bo tou",
    "洪洞": "hong tong",
    "浚县": "xun xian",
    "涡阳": "guo yang",
    "漯河": "luo he",
    "珲春": "hun chun",
    "称多": "chen duo",
    "穆棱": "mu ling",
    "筠连": "jun lian",
    "红寺堡": "hong si bu",
    "绥棱": "sui ling",
    "繁峙": "fan shi",
    "荥经": "ying jing",
    "蚌山": "beng shan",
    "覃塘": "qin tang",
    "长子县": "zhang zi xian",
    "闵行": "min hang",
    "马尾区": "ma wei qu",
    "乐陵": "lao ling",
    "龙圩": "long xu",
}


class Spelling(NamedTuple):
    """A name in letters: `shijiazhuangshi` and `sjzs`."""

    pinyin: str
    initials: str


def place_spelling(name: str) -> Spelling:
    """Spell the name of one place.

    Give it one level at a time: in 重庆市长寿区 the dictionary finds a 市长.
    """
    read = [
        PLACE_CHARACTERS.get(character, one) for character, one in zip(name, syllables(name), strict=True)
    ]
    for piece, reading in PLACE_PIECES.items():
        start = name.find(piece)
        if start >= 0:
            read[start : start + len(piece)] = reading.split()
    return spelled(read)


def syllables(name: str) -> list[str]:
    """One entry per character; a word in Latin letters stands at its first one, signs are empty."""
    from pypinyin import lazy_pinyin  # its dictionary costs half a second; only imports need it

    read = lazy_pinyin(name, errors=list)  # type: ignore[arg-type]  # a list is allowed: it is taken apart
    found = [one.lower() if one.isascii() and one.isalnum() else "" for one in read]
    for word in re.finditer(r"[A-Za-z0-9]{2,}", name):
        rest = [""] * (len(word.group()) - 1)
        found[word.start() : word.end()] = [word.group().lower(), *rest]
    return found


def readings(character: str) -> list[str]:
    """Every way in which the dictionary reads a character, without tones; none for what it does not know."""
    from pypinyin import Style, pinyin  # as above

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return list(dict.fromkeys(one for several in found for one in several))


def spelled(read: list[str]) -> Spelling:
    """The syllables of a name as one word, and their first letters."""
    return Spelling("".join(read), "".join(syllable[:1] for syllable in read))
