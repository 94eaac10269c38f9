"""操作日志: who did what, when and to what; what is asked for stands in the address."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from app.errors import BadInput
from app.insight import audit, audit_subjects
from app.insight.audit import Asked, Mark
from h5.administration import administrators
from h5.forms import Input
from h5.narrowing import NOBODY, person_named

bp = Blueprint("audit", __name__)

FIELDS = ("person", "act", "kind", "subject", "since", "until")
SYSTEM = "系统"
A_DAY = timedelta(days=1)


@bp.get("/admin/audit")
@administrators
def log() -> str:
    """The newest lines, or those that follow the one named by `after`."""
    form = Input(request.args)
    fields = {name: text for name in FIELDS if (text := form.text(name, longest=100))}
    asked = asked_for(form)
    found = audit.page(asked, after=Mark.read(form.text("after", longest=60)))
    subject, subject_page = audit_subjects.name(asked.kind, asked.subject_id or 0)
    return render_template(
        "audit.html",
        page=found,
        fields=fields,
        subject=subject,
        subject_page=subject_page,
        here="/admin/audit?" + (urlencode(fields) + "&" if fields else ""),
        without_subject="/admin/audit?"
        + urlencode({n: v for n, v in fields.items() if n not in ("subject", "kind")}),
        acts={"管理": audit.ADMINISTRATIVE, "任务": audit.OF_TASKS},
        kinds=audit_subjects.KIND_NAMES,
        nobody=asked.by_id == NOBODY,
        later="after" in request.args,
    )


def asked_for(form: Input) -> Asked:
    """What the fields of an address narrow the log to. BadInput for what no form of ours sends."""
    asked = Asked(act=form.text("act", longest=40), kind=form.text("kind", longest=30))
    if asked.act and asked.act not in audit.ACTS:
        raise BadInput("没有这种操作，请从操作日志重新筛选。")
    if asked.kind and asked.kind not in audit_subjects.KIND_NAMES:
        raise BadInput("没有这种对象，请从操作日志重新筛选。")
    if by := form.text("person", longest=100):
        asked = replace(asked, by_the_system=by == SYSTEM, by_id=_id_of(by))
    if form.text("subject"):
        asked = replace(asked, subject_id=form.whole_number("subject"))
    if form.text("since"):
        asked = replace(asked, since=form.day("since"))
    if form.text("until"):
        asked = replace(asked, until=form.day("until") + A_DAY)
    return asked


def _id_of(text: str) -> int | None:
    """Whom a name means; somebody who did nothing where it is nobody, or several people."""
    if text == SYSTEM:
        return None
    person = person_named(text)
    return person.id if person else NOBODY
