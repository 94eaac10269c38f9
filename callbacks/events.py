"""What each event means: one table from its name to the use case that answers it."""

from collections.abc import Callable

from app.insight import kinds
from app.notices import presses
from app.notices.aftercare.queue import Press
from app.wecom.inbound import Event

UseCase = Callable[[Event], str]


def noted(outcome: str) -> UseCase:
    """An event that is kept and asks for nothing."""
    return lambda _event: outcome


def press(event: Event) -> str:
    """A button of a card; what it does stands in the table of kinds, by its key up to the colon."""
    fields = event.fields
    key = str(fields.get("EventKey", ""))
    chosen = [option for item in fields.get("SelectedItems", []) for option in item["OptionIds"]]
    pressed = Press(
        userid=event.userid,
        uid=str(fields.get("TaskId", "")),
        key=key,
        chosen=str(chosen[0]) if chosen else "",
        response_code=str(fields.get("ResponseCode", "")),
        once=event.key,
    )
    button = kinds.presses().get(key.partition(":")[0])
    return presses.carry_out(pressed, button) if button else presses.unknown(pressed)


EVENTS: dict[str, UseCase] = {
    "enter_agent": noted("已记录：进入应用"),
    "subscribe": noted("已记录：成员进入可见范围"),
    "unsubscribe": noted("已记录：成员离开可见范围"),
    "click": noted("已记录：点击菜单"),
    "view": noted("已记录：点击菜单链接"),
    "view_miniprogram": noted("已记录：点击菜单小程序"),
    "location": noted("已记录：上报位置"),
    "change_contact": noted("已记录：通讯录变更"),
    "batch_job_result": noted("已记录：异步作业完成"),
    "switch_workbench_mode": noted("已记录：切换工作台模式"),
    "inactive_alert": noted("已记录：应用即将停用提醒"),
    "low_active_alert": noted("已记录：应用低活跃提醒"),
    "close_inactive_agent": noted("已记录：应用因长期未使用被停用"),
    "reopen_inactive_agent": noted("已记录：应用重新启用"),
    "low_active": noted("已记录：应用进入低活跃"),
    "active_restored": noted("已记录：应用恢复活跃"),
    "template_card_event": press,
    "template_card_menu_event": noted("已记录：卡片菜单"),
}


def handle(event: Event) -> str:
    """Carry out what the event asks for; returns what became of it, as the ledger shows it."""
    if event.name.startswith("message:"):
        return "未处理：成员发来的消息"
    use_case = EVENTS.get(event.name)
    return use_case(event) if use_case else "未处理：未知事件"
