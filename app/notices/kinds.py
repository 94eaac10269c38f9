"""What kinds of messages there are, by the act they tell of, and which of them a person may mute. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`name` in the list of messages, `title` over the wordings of it."""

    name: str
    title: str


ACTS = {
    "publish": Kind("任务发布", "任务发布"),
    "send_back": Kind("打回", "打回提醒"),
    "urge": Kind("催办", "催办提醒"),
    "overdue": Kind("已超期", "已超期提醒"),
    "remind": Kind("将到期", "到期提醒"),
    "transfer": Kind("转派", "转派提醒"),
    "edit": Kind("任务修改", "任务修改"),
    "revoke": Kind("任务撤销", "任务撤销提醒"),
    "roll_back": Kind("升级回退", "升级回退通知"),
    "progress": Kind("任务进展", "任务进展"),
    "escalate": Kind("超期上报", "超期上报"),
    "disable": Kind("人员停用", "人员停用提醒"),
    "digest": Kind("晨间汇总", "晨间汇总"),
}


@dataclass(frozen=True)
class Several:
    """The text in place of many of a kind, and the list that it opens."""

    wording: str
    link: str


SEVERAL = {  # the most demanding first
    "overdue.implementer": Several("overdue.several", "/?tab=mine"),
    "overdue.copied_in": Several("overdue.several_copied_in", "/?tab=copied-in"),
}
GATHERING = ("digest.everyone", *(one.wording for one in SEVERAL.values()))
"""Wordings that repeat what stands in messages of their own."""


@dataclass(frozen=True)
class Choice:
    """A wording that its reader may have in the app only."""

    wording: str
    name: str
    hint: str


# What somebody must do, or must stop doing, always rings; copies for information may be read in the app.
CHOICES = (
    Choice("publish.copied_in", "抄送：任务发布", "您是主管或服务经理的点位有新任务"),
    Choice("urge.copied_in", "抄送：催办", "发布人催办了您名下点位的实施人"),
    Choice("overdue.copied_in", "抄送：已超期", "您名下的点位超过了完成时间"),
    Choice("edit.copied_in", "抄送：任务修改", "您名下点位的任务改了完成时间、紧急程度等"),
)
ALWAYS = ("任务发布", "打回", "催办", "已超期", "转派", "任务修改", "任务撤销", "升级回退", "人员停用")


def act_of(wording: str) -> str:
    """send_back.implementer → send_back."""
    return wording.partition(".")[0]


def name_of(wording: str) -> str:
    """publish.implementer → 任务发布."""
    act = act_of(wording)
    return ACTS[act].name if act in ACTS else act


def title_of(wording: str) -> str:
    """send_back.implementer → 打回提醒."""
    act = act_of(wording)
    return ACTS[act].title if act in ACTS else act
