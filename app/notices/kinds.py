"""What kinds of messages there are, by the act they tell of, and which of them a person may mute. Pure."""

from dataclasses import dataclass

ACTS = {
    "publish": "任务发布",
    "send_back": "打回",
    "urge": "催办",
    "overdue": "已超期",
    "remind": "将到期",
    "transfer": "转派",
    "edit": "任务修改",
    "revoke": "任务撤销",
    "roll_back": "升级回退",
    "escalate": "超期上报",
    "digest": "晨间汇总",
}


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
)
ALWAYS = ("任务发布", "打回", "催办", "已超期", "转派", "任务撤销", "升级回退")


def name_of(wording: str) -> str:
    """publish.implementer → 任务发布."""
    act = wording.partition(".")[0]
    return ACTS.get(act, act)
