"""操作日志: who did what, when and to what; what is asked for stands in the address."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.errors import BadInput
from app.insight import audit, audit_subjects
from app.insight.audit import Asked, Mark
from app.insight.exports.audit import export_audit
from h5.exports import key_of, sent
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.limits import exports_limit
from h5.frame.named import NOBODY, person_named
from h5.frame.rights import administrators

bp = Blueprint("audit", __name__)

FIELDS = {"person": "谁", "act": "操作", "kind": "对象", "subject": "编号", "since": "从", "until": "至"}
SYSTEM = "系统"
A_DAY = timedelta(days=1)


@bp.get("/admin/audit")
@administrators
def log() -> str:
    """The newest lines, or those that follow the one named by `after`."""
    form = Input(request.args)
    fields = _filled(form)
    asked = asked_for(form)
    found = audit.page(asked, after=Mark.read(form.text("after", longest=60)))
    subject, subject_page = audit_subjects.name(asked.kind, asked.subject_id or 0)
    return render_template(
        "admin/audit.html",
        page=found,
        fields=fields,
        subject=subject,
        subject_page=subject_page,
        here="/admin/audit?" + (urlencode(fields) + "&" if fields else ""),
        export_url="/admin/audit/export?" + urlencode(fields),
        without_subject="/admin/audit?"
        + urlencode({n: v for n, v in fields.items() if n not in ("subject", "kind")}),
        acts=[(group, names.items()) for group, names in audit.groups().items()],
        kinds=audit_subjects.kind_names(),
        nobody=asked.by_id == NOBODY,
        later="after" in request.args,
    )


# GET, although it is recorded, as every download.
@bp.get("/admin/audit/export")
@administrators
@exports_limit
def export() -> Response:
    """The lines of the open log, all pages of it: the address is that of the log."""
    form = Input(request.args)
    return sent(export_audit(asked_for(form), by=me(), narrowed=_in_words(_filled(form)), key=key_of(form)))


def _filled(form: Input) -> dict[str, str]:
    return {name: text for name in FIELDS if (text := form.text(name, longest=100))}


def _in_words(fields: dict[str, str]) -> str:
    """谁 何志远，操作 编辑人员."""
    names = audit.acts() | audit_subjects.kind_names()
    return "，".join(f"{FIELDS[name]} {names.get(text, text)}" for name, text in fields.items())


def asked_for(form: Input) -> Asked:
    """What the fields of an address narrow the log to. BadInput for what no form of ours sends."""
    asked = Asked(act=form.text("act", longest=40), kind=form.text("kind", longest=30))
    if asked.act and asked.act not in audit.acts():
        raise BadInput("没有这种操作，请从操作日志重新筛选。")
    if asked.kind and asked.kind not in audit_subjects.kind_names():
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
