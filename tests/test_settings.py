"""Settings that would let a stranger in are refused, with a sentence that says what to do."""

import logging
import string
from random import Random

import pytest

from app.core import create_core
from app.settings import DEMO, UNASKED_DEMO, BadSettings, load, weakness_of
from tests.databases import close_database
from tests.production import PRODUCTION

REAL = {name: str(value) for name, value in PRODUCTION.items()}
LETTERS = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    "key",
    [
        "short",
        DEMO["SECRET_KEY"],
        "a" * 64,
        "0123456789abcdef" * 2,
        "abababababababababababababababababab",
        "you-will-never-guess-secret-key-2026",
        "django-insecure-k3x9vq7m2p8w5t1z6y4r0u",
        "ChangeMe-ChangeMe-please-0192837465xx",
        "1234567890qwertyuiopasdfghjklzxcvbnm",
    ],
)
def test_a_key_that_can_be_guessed_is_refused_in_production(key: str) -> None:
    with pytest.raises(BadSettings) as wrong:
        load(REAL | {"SECRET_KEY": key})

    assert "SECRET_KEY：" in str(wrong.value)
    assert "secrets.token_hex(32)" in str(wrong.value)


def test_every_random_key_is_taken() -> None:
    dice = Random(7)  # noqa: S311 (the same keys every time)
    keys = [dice.randbytes(n).hex() for n in (16, 32) for _ in range(500)]
    keys += ["".join(dice.choices(LETTERS, k=32)) for _ in range(500)]

    assert [key for key in keys if weakness_of(key)] == []
    assert load(REAL | {"SECRET_KEY": keys[0]}).MODE == "production"


@pytest.mark.parametrize(("given", "said"), [({}, True), ({"MODE": "demo"}, False)])
def test_without_a_mode_the_log_says_that_the_secrets_are_public(
    given: dict[str, str], said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load({"DATABASE_URL": "sqlite://", **given})
    app = create_core(settings)

    critical = [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]
    assert critical == ([UNASKED_DEMO] if said else [])
    with app.app_context():
        close_database()


def test_the_doctor_says_it_too() -> None:
    from wsgi import create_app

    app = create_app(load({"DATABASE_URL": "sqlite://"}))
    lines = app.test_cli_runner().invoke(args=["doctor"]).stdout.splitlines()

    assert lines[0].startswith("✗ 设置：没有设置 MODE，正在用演示模式和公开的演示密钥运行")
    assert "MODE=production" in lines[0]
    with app.app_context():
        close_database()
