"""Which forms were saved: the browser is told, so that it forgets what it kept of these and of no others.

A draft that went when its form was sent would be lost with the line that
broke meanwhile.
"""

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from app.work import form_keys

COOKIE = "fwrw_saved"
"""The keys of the latest forms, read by app.js; no secret, for a key is worth nothing to anybody else."""
LATEST = 8  # windows of one person that may be sending at once
LONGEST_AGE = 7 * 24 * 3600


def init_app(app: Flask) -> None:
    """Name a form in the answer that leads on from it: only what was done leads on."""

    @app.after_request
    def name_the_form(response: Response) -> Response:
        if request.method != "POST" or response.status_code not in (302, 303):
            return response
        key = request.form.get("form_key", "")
        if form_keys.SHAPE.fullmatch(key):
            known = filter(form_keys.SHAPE.fullmatch, request.cookies.get(COOKIE, "").split("."))
            response.set_cookie(
                COOKIE,
                ".".join([*known, key][-LATEST:]),
                max_age=LONGEST_AGE,
                secure=current_app.config["SESSION_COOKIE_SECURE"],
                samesite="Lax",
                path="/",
            )
        return response
