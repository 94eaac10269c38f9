"""What other systems may read of 跑腿."""

from flask import Blueprint, Flask

from app.api import answers
from app.api.contract import Outward
from app.api.endpoints import BASE, Endpoint, endpoint
from app.db import session
from app.errors import NotFound
from tests.insight.errand.models import Errand

READ_ERRANDS = "read_errands"


class ErrandOut(Outward):
    """一个跑腿。"""

    id: int
    what: str


def attach(app: Flask) -> None:
    """Serve its endpoint beside those of the others."""
    bp = Blueprint("errands_api", __name__, url_prefix=BASE)
    answers.speak_for(bp)
    endpoint(bp, Endpoint("GET", "/errands/<int:errand_id>", READ_ERRANDS, "一个跑腿", answer=ErrandOut))(
        errand
    )
    app.register_blueprint(bp)


def errand(errand_id: int) -> ErrandOut:
    """One of them."""
    row = session().get(Errand, errand_id)
    if row is None:
        raise NotFound
    return ErrandOut.model_validate(row)
