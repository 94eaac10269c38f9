"""What every answer says to the browser, and the id by which a log line is found."""

import logging
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, has_request_context, request

from app.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "
)

ONLY_HTTPS = "max-age=31536000"  # a year; not for other names below the same domain, which are not ours


def init_app(app: Flask) -> None:
    """Add the headers to every response of the application."""
    settings: Settings = app.config["SETTINGS"]
    policy = POLICY + (_origin(settings.WECOM_OAUTH_BASE) if settings.demo else "'none'")
    strict = settings.https
    _write_ids_into_logs()

    @app.before_request
    def give_id() -> None:
        g.request_id = secrets.token_hex(4)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        if strict:
            headers["Strict-Transport-Security"] = ONLY_HTTPS
        headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint != "static":
            # Phones are shared: the next holder must not page back into these.
            headers.setdefault("Cache-Control", "no-store")
        return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class _RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if has_request_context():
            record.request_id = g.get("request_id")
        return True


def _write_ids_into_logs() -> None:
    for handler in logging.getLogger().handlers:
        handler.addFilter(_RequestId())
