"""What was sent with a form that could not be taken: handed back, and ready to be sent once more."""

from dataclasses import dataclass

from flask import request

# What people write in their own words; choices travel along unseen.
WORDS = {
    "note": "说明",
    "reason": "原因",
    "impact": "影响范围",
    "repair": "修复情况",
    "pause_reason": "暂停原因",
    "text": "通知文字",
    "module_note": "补丁说明",
}


@dataclass(frozen=True)
class Again:
    """The same form once more: where it goes, and the fields that nobody has to see."""

    action: str
    hidden: list[tuple[str, str]]
    file_fields: list[str]  # a browser never hands a file back by itself, so it must be chosen again


def words() -> list[tuple[str, str, str]]:
    """Name, label and text of what people wrote, for pages that have no form to put it back into."""
    return [
        (name, label, text)
        for name, label in WORDS.items()
        for text in request.form.getlist(name)
        if text.strip()
    ]


def file_names() -> list[str]:
    """The files that came with the form; none of them was kept."""
    return [file.filename for _, file in request.files.items(multi=True) if file.filename]


def files_not_kept() -> dict[str, str]:
    """Field → sentence, beside which the files have to be chosen again."""
    found = {}
    for field, files in request.files.lists():
        names = [file.filename for file in files if file.filename]
        if names:
            found[field] = f"没有保存：{'、'.join(names)}。"
    return found


def again() -> Again:
    """What the form held, as it was: its key makes a second try harmless, its token is its own."""
    shown = {(name, text) for name, _, text in words()}
    hidden = [pair for pair in request.form.items(multi=True) if pair not in shown]
    return Again(address(), hidden, list(files_not_kept()))


def address() -> str:
    """Where this request went, to go there once more."""
    return request.full_path if request.query_string else request.path
