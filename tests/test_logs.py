"""What must never stand in a log line is masked, whoever logs it."""

import json
import logging

import pytest

from app.logs import JsonLines, masked

SECRET = "a-real-secret"


@pytest.mark.parametrize(
    "text",
    [
        "GET /cgi-bin/gettoken?corpid=ww1&corpsecret=S3cret&debug=1",
        "GET /login/callback?code=S3cret&state=S3cret",
        "{'access_token': 'S3cret', 'expires_in': 7200}",
        '{"response_code": "S3cret"}',
        "Cookie: S3cret",
        "Authorization: S3cret",
    ],
)
@pytest.mark.proves("R-P16", "X-S15")
def test_secrets_tokens_and_codes_are_masked(text: str) -> None:
    assert "S3cret" not in masked(text)


def test_a_mobile_number_is_kept_in_part() -> None:
    assert masked("手机 13812345678，任务 13812345678901") == "手机 138****5678，任务 13812345678901"


@pytest.mark.proves("R-P16")
def test_a_line_and_its_trace_hold_none_of_the_settings_secrets() -> None:
    try:
        raise ValueError(f"wrong: {SECRET}")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "with %s", (SECRET,), (type(error), error, None)
        )

    line = JsonLines([SECRET]).format(record)

    assert SECRET not in line
    assert json.loads(line)["text"] == "with ***"
