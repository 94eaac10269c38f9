"""管理: the one list of what an administrator may look after."""

from flask import Blueprint, render_template

from h5.frame.faces import Link
from h5.frame.rights import administrators

bp = Blueprint("administration", __name__)


# What comes to 管理 gets its line here.
GROUPS: dict[str, tuple[Link, ...]] = {
    "人员": (
        Link("/people", "人员与支持区域", "查找、新增、停用，谁负责哪些点位"),
        Link("/people/import", "导入人员", "从 Excel 导入人员和支持区域，逐行核对"),
        Link("/admin/regions", "大区和部门", "大区有哪些省份，哪个部门是总部"),
        Link("/people/gaps", "缺人点位", "没有实施人、主管或服务经理的点位"),
    ),
    "平台": (
        Link("/admin/wordings", "通知模板", "企业微信提醒的文字，可修改、预览、恢复原文"),
        Link("/admin/settings", "平台设置", "平台名称、发布部门"),
        Link("/admin/calendar", "工作日历", "哪些日子算工作日"),
        Link("/admin/tokens", "接口令牌", "其他系统读取任务、登记补丁包"),
        Link("/deliveries", "投递", "所有人的通知，查找、补发、导出"),
        Link("/admin/audit", "操作日志", "谁在什么时候做了什么"),
    ),
}


@bp.get("/admin")
@administrators
def index() -> str:
    """Every page of 管理."""
    return render_template("admin/administration.html", groups=GROUPS)
