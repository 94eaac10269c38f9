"""Logging: one JSON object per line, secrets masked."""

import json
import logging
import re
from collections.abc import Sequence

SENSITIVE = re.compile(
    r"(?i)\b(corpsecret|access_token|suite_access_token|ticket|code|state|msg_signature|response_code|cookie|authorization|"
    r"secret|token)(['\"]?\s*[=:]\s*['\"]?)([^&\s'\",}]+)"
)
MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


def masked(text: str, secrets: Sequence[str] = ()) -> str:
    """`text` without secrets, tokens, codes and whole mobile numbers."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return MOBILE.sub(r"\1****\2", SENSITIVE.sub(r"\1\2***", text))


class JsonLines(logging.Formatter):
    """Formats a record, its trace included, as one masked JSON line."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        super().__init__()
        self.secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "text": masked(record.getMessage(), self.secrets),
        }
        request_id = getattr(record, "request_id", None)
        if request_id:
            entry["request_id"] = request_id
        if record.exc_info:
            entry["trace"] = masked(self.formatException(record.exc_info), self.secrets)
        return json.dumps(entry, ensure_ascii=False)


def configure(level: str, *, secrets: Sequence[str] = ()) -> None:
    """Send everything to standard error as JSON lines. Calling it again replaces the handler."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(secrets))
    handler.set_name("service-tasks")
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if h.get_name() != "service-tasks"] + [handler]
    root.setLevel(level)
    # urllib3 prints whole URLs at DEBUG, tokens included; apscheduler every run at INFO.
    for name in ("urllib3", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
