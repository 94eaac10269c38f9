"""导出 of the rows of 查看任务."""

from flask import request
from werkzeug.wrappers import Response

from app.insight.exports.tasks import Listed, export_rows
from h5.exports import bp, key_of, sent
from h5.frame.forms import Input
from h5.frame.identity import me
from h5.frame.limits import exports_limit
from h5.frame.rights import signed_in
from h5.tasks import filters


# GET, although it is recorded: the downloads of phones ask for the address again, without a form.
@bp.get("/tasks/export")
@signed_in
@exports_limit
def rows() -> Response:
    """The rows of the open list, all pages of it: the address is that of the list."""
    asked = Input(request.args)
    narrowed = filters.of_address(request.args, asked)
    listed = Listed(
        asked.number_or_none("task"), "mine" in request.args, filters.filter_of(narrowed), narrowed.sort
    )
    return sent(export_rows(listed, by=me(), narrowed=narrowed.sentence, key=key_of(asked)))
