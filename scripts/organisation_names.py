"""Invented names for the demo organisation: the same ones, in the same order, every time."""

import random
from collections.abc import Iterator


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常单解"
)
COMPOUND = ("欧阳", "上官", "司徒", "夏侯", "尉迟", "诸葛")
GIVEN = words(
    "志远 建国 海涛 文博 明辉 国栋 立新 晓东 春生 永强 学文 少华 俊杰 振宇 宏伟 德胜 家豪 子轩 一鸣 "
    "天宇 浩然 云飞 大勇 景山 广林 玉柱 长河 新民 守信 兆丰 恒毅 思远 启明 世昌 仲文 泽宇 瑞峰 锦程 "
    "博文 东升 丽华 晓燕 秀英 雪梅 玉兰 淑珍 春燕 海燕 红梅 桂芳 文静 思琪 雨桐 佳怡 梦洁 诗涵 若兰 "
    "婉婷 美玲 小红 晓雯 慧敏 素芬 月娥 彩霞 凤英 欣然 书瑶 可馨 静怡 巧云 秋菊 冬梅 亚男 向阳 卫东 "
    "爱民 光明 长青 平安 磊 鑫 斌 辉 燕 娟 芳 婷 莉 萍 琳"
)
# Well-known people; nobody in the demo is called like them.
KNOWN = frozenset(
    words(
        "何卫东 史玉柱 张一鸣 李东升 王东升 李建国 王宏伟 王一鸣 张磊 黄磊 王磊 李娟 李婷 张斌 陈莉 "
        "王莉 徐莉 李琳 林芳 杨磊 王婷 王辉 李辉 李磊 陈燕 王燕 李燕 王芳 刘芳 张燕 陈鑫 王鑫 胡锦程"
    )
)

# Longer names, so that every page meets them; by the first digits of the province.
LONG_NAMES = {
    "15": ("乌云其木格", "巴特尔", "苏日娜", "那日苏"),
    "51": ("沙马阿依", "曲比阿木", "泽仁拉姆"),
    "53": ("岩温罕", "欧阳春燕"),
    "54": ("扎西次仁", "次仁卓玛", "格桑曲珍", "洛桑旦增", "白玛央金", "索朗多吉"),
    "62": ("尉迟建国",),
    "63": ("才让卓玛", "索南多杰"),
    "65": (
        "阿依古丽·买买提",
        "艾力江·吐尔逊",
        "古丽娜尔·阿不都热合曼",
        "努尔兰·叶尔肯",
        "热依汗·玉素甫",
        "木合塔尔·艾山",
        "帕提古丽·依明",
    ),
}


def invented_names(seed: int, taken: frozenset[str]) -> Iterator[str]:
    """Names that are neither taken nor well known, each once.

    Only `Random.random` is used: it is the one method that gives the same numbers in every Python.
    """
    chance = random.Random(seed)  # noqa: S311 - names, not secrets
    used = set(taken | KNOWN).union(*LONG_NAMES.values())
    while True:
        families = COMPOUND if chance.random() < 0.02 else FAMILY
        # Squared: the list begins with the most common families.
        family = families[int(chance.random() ** 2 * len(families))]
        name = family + GIVEN[int(chance.random() * len(GIVEN))]
        if name not in used:
            used.add(name)
            yield name
