"""Events no button of the phone raises, ready to be sent from the desk (D 90240, D 90970)."""

from typing import Any, NamedTuple

WEEK = 7 * 86400


class Sample(NamedTuple):
    """One event with its nodes; those in `fills` are filled in when it is sent."""

    label: str
    event: str
    nodes: dict[str, Any] = {}
    fills: tuple[str, ...] = ()


def _contact(label: str, kind: str, *fills: str, **nodes: Any) -> Sample:
    return Sample(label, "change_contact", {"ChangeType": kind, **nodes}, fills)


SAMPLES = {
    "subscribe": Sample("成员进入可见范围", "subscribe", {"EventKey": ""}),
    "unsubscribe": Sample("成员离开可见范围", "unsubscribe", {"EventKey": ""}),
    "location": Sample(
        "上报位置",
        "LOCATION",
        {"Latitude": 38.047, "Longitude": 114.531, "Precision": 30, "AppType": "wxwork"},
    ),
    "create_user": _contact("通讯录：新增成员", "create_user", "UserID", Department="1"),
    "update_user": _contact("通讯录：成员换部门", "update_user", "UserID", Department="1"),
    "rename_user": _contact("通讯录：成员改 userid", "update_user", "UserID", "NewUserID"),
    "delete_user": _contact("通讯录：删除成员", "delete_user", "UserID"),
    "create_party": _contact("通讯录：新增部门", "create_party", Id=99, ParentId=1),
    "update_party": _contact("通讯录：改部门", "update_party", Id=2, ParentId=1),
    "delete_party": _contact("通讯录：删除部门", "delete_party", Id=99),
    "update_tag": _contact("通讯录：改标签成员", "update_tag", TagId=1, AddUserItems="linmin"),
    "workbench_on": Sample("切换工作台：自定义", "switch_workbench_mode", {"Mode": 1}),
    "workbench_off": Sample("切换工作台：列表", "switch_workbench_mode", {"Mode": 0}),
    "inactive_alert": Sample("应用不活跃提醒", "inactive_alert", fills=("EffectTime",)),
    "low_active_alert": Sample("应用低活跃提醒", "low_active_alert", fills=("EffectTime",)),
    "close_inactive_agent": Sample("应用因长期不用被停用", "close_inactive_agent"),
    "reopen_inactive_agent": Sample("应用被重新启用", "reopen_inactive_agent"),
    "low_active": Sample("应用低活跃", "low_active"),
    "active_restored": Sample("应用恢复活跃", "active_restored"),
    "batch_job_result": Sample(
        "异步任务完成",
        "batch_job_result",
        {"BatchJob": {"JobId": "job-1", "JobType": "sync_user", "ErrCode": 0, "ErrMsg": "ok"}},
    ),
}


def filled(sample: Sample, *, userid: str, at: float) -> tuple[str, dict[str, Any]]:
    """(who the event comes from, its nodes)."""
    known = {"UserID": userid, "NewUserID": f"{userid}2", "EffectTime": int(at) + WEEK}
    sender = "sys" if sample.event in ("change_contact", "batch_job_result") else userid
    return sender, sample.nodes | {name: known[name] for name in sample.fills}
