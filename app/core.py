"""The core application: Flask, database and logging; no routes.

Used by wsgi.py (which adds the doors), the scheduler and the CLI.
"""

import gc
import logging
import os

from flask import Flask
from flask_migrate import Migrate

from app import clock, db, logs
from app.notices.pacing import QuietHours
from app.settings import ROOT, UNASKED_DEMO, Settings, load
from app.wecom.client import WeCom
from app.work import deadlines

log = logging.getLogger(__name__)


def create_core(settings: Settings | None = None) -> Flask:
    """A Flask application bound to the database of `settings` (default: the environment)."""
    settings = settings or load(dict(os.environ))
    # One act makes tens of thousands of objects and next to no cycles; looking for these every
    # 700 objects takes a sixth of it.
    gc.set_threshold(10_000)
    logs.configure(settings.LOG_LEVEL, secrets=secret_values(settings))
    if settings.unasked_demo:
        log.critical(UNASKED_DEMO)
    app = Flask("app", root_path=str(ROOT / "app"), static_folder=None)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.SECRET_KEY,
        PLATFORM_NAME=settings.PLATFORM_NAME,
        PUBLIC_BASE_URL=settings.PUBLIC_BASE_URL,
        WECOM_AGENT_ID=settings.WECOM_AGENT_ID,
        WECOM_ACCOUNT_CEILING=settings.WECOM_ACCOUNT_CEILING,
        UPLOAD_DIR=settings.UPLOAD_DIR,
        URGE_COOLDOWN_MINUTES=settings.URGE_COOLDOWN_MINUTES,
        QUIET_HOURS=QuietHours.read(settings.QUIET_HOURS),
        REMIND_BEFORE=deadlines.read(settings.REMIND_BEFORE),
        REMIND_PUSH=settings.REMIND_PUSH,
        OVERDUE_DAILY=settings.OVERDUE_DAILY,
        ESCALATE_AFTER_DAYS=settings.ESCALATE_AFTER_DAYS,
        SQLALCHEMY_DATABASE_URI=settings.DATABASE_URL,
    )
    if settings.demo:
        clock.follow_offset_file(settings.CLOCK_OFFSET_FILE)
    db.init_app(app, durable=not settings.demo)
    Migrate(app, db.db, directory=str(ROOT / "migrations"), render_as_batch=True)
    app.extensions["wecom"] = wecom_client(app, settings, secret=settings.WECOM_SECRET)
    if settings.WECOM_CONTACT_SECRET:
        app.extensions["wecom_contacts"] = wecom_client(app, settings, secret=settings.WECOM_CONTACT_SECRET)
    return app


def wecom_client(app: Flask, settings: Settings, *, secret: str) -> WeCom:
    """A client of WeCom with the token kept in this application's database."""
    with app.app_context():
        return WeCom(
            corp_id=settings.WECOM_CORP_ID,
            agent_id=settings.WECOM_AGENT_ID,
            secret=secret,
            api_base=settings.WECOM_API_BASE,
            engine=db.db.engine,
        )


def secret_values(settings: Settings) -> list[str]:
    """What must never stand in a log line (R-P16)."""
    return [
        settings.SECRET_KEY,
        settings.WECOM_SECRET,
        settings.WECOM_CONTACT_SECRET,
        settings.WECOM_ENCODING_AES_KEY,
        settings.WECOM_TOKEN,
    ]
