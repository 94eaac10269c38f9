"""enable_id_trans: `$userName=USERID$` and its sisters become names, in the documented fields alone (D 90236)."""

import re
from typing import Any

from app.simulator.organisation import Organisation

MARK = re.compile(r"\$(userName|userAliasOrName|departmentName)=([^$]{1,64})\$")
TEXTCARD = ("title", "description")
CARD = ("source.desc", "main_title.title", "main_title.desc", "sub_title_text")


def translated(organisation: Organisation, msgtype: str, content: dict[str, Any]) -> dict[str, Any]:
    """The content with names in the place of ids; other kinds of messages stay as they are."""

    def name_of(mark: re.Match[str]) -> str:
        kind, subject = mark.groups()
        if kind == "departmentName":
            department = organisation.departments.get(int(subject)) if subject.isdecimal() else None
            return department.name if department else subject
        member = organisation.find(subject)
        return member.name if member else subject

    def filled(value: Any) -> Any:
        return MARK.sub(name_of, value) if isinstance(value, str) else value

    if msgtype not in ("textcard", "template_card"):
        return content
    whole = dict(content)
    for path in TEXTCARD if msgtype == "textcard" else CARD:
        outer, _, inner = path.partition(".")
        if outer not in whole:
            continue
        part = whole[outer]
        if not inner:
            whole[outer] = filled(part)
        elif isinstance(part, dict) and inner in part:
            whole[outer] = part | {inner: filled(part[inner])}
    if rows := whole.get("horizontal_content_list"):
        whole["horizontal_content_list"] = [row | {"value": filled(row.get("value"))} for row in rows]
    return whole
