"""The blueprint that every kind's endpoints hang on, and the document of what can be called."""

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from app.api import answers, openapi
from app.api.endpoints import BASE, ENDPOINTS

bp = Blueprint("api", __name__, url_prefix=BASE)
answers.speak_for(bp)


@bp.get("/openapi.json")
def contract() -> Response:
    """What can be called, and how; open to everyone."""
    return jsonify(openapi.document(ENDPOINTS))


contract.right = "open_to_systems"  # type: ignore[attr-defined]
