"""Refusals: what the product says when it will not do something.

A door turns each of these into one friendly page, a JSON answer or a card
reply; nobody else catches them. `str(error)` is a Chinese sentence that says
what to do.
"""

from dataclasses import dataclass


class Refusal(Exception):
    """A request was understood and not carried out; nothing was changed."""

    status = 400

    def __init__(self, message: str = "", *, short: str = "") -> None:
        """`short` is for where there is little room, such as a card; the whole sentence where none is given."""
        super().__init__(message or self.default)
        self.short = short or str(self)

    default = "请求有误，请返回上一页重试。"


class NotSignedIn(Refusal):
    """Nobody is signed in, or the session has ended."""

    status = 401
    default = "登录已失效，请重新登录。您填写的内容已保留。"


class NotAllowed(Refusal):
    """The person may see the thing but not do this to it."""

    status = 403
    default = "您没有权限进行此操作。"


class NotFound(Refusal):
    """Missing and foreign look the same, so ids tell nothing (X-S1)."""

    status = 404
    default = "没有这条内容，或您无权限查看。"


class Conflict(Refusal):
    """The facts no longer allow the act: someone else was first."""

    status = 409
    default = "内容已被更新，请核对后重新提交。"


class OutOfDate(Conflict):
    """The form was filled in on an older version of the row (X-D3)."""


class BadInput(Refusal):
    """What was typed cannot be used. `fields` maps a field name to its sentence."""

    status = 422
    default = "有内容需要修改，请按提示更正后再提交。"

    def __init__(self, message: str = "", *, fields: dict[str, str] | None = None) -> None:
        self.fields = fields or {}
        super().__init__(message or "；".join(self.fields.values()))


@dataclass(frozen=True)
class Question:
    """Something that may be meant or a slip: who means it sends `token` back.

    `link` shows what it is about, `link_says` names that.
    """

    token: str
    text: str
    link: str = ""
    link_says: str = ""


class AsksFirst(BadInput):
    """Nothing is wrong, but it is asked once more before it is done."""

    def __init__(self, questions: tuple[Question, ...]) -> None:
        self.questions = questions
        super().__init__("".join(question.text for question in questions))


class TooOften(Refusal):
    """Pressed too often."""

    status = 429
    default = "操作过于频繁，请稍后再试。"


class Busy(Refusal):
    """The database did not answer in time; trying again helps (X-A5)."""

    status = 503
    default = "系统繁忙，请稍后再试，您填写的内容未丢失。"
