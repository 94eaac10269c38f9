"""The door for WeCom events."""

from flask import Flask

from app.db import db
from app.settings import Settings
from app.wecom.inbound import Inbound
from callbacks.door import Door

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Put the door in front of the pages; the last step of putting the application together."""
    settings: Settings = app.config["SETTINGS"]
    inbound = Inbound(settings.WECOM_TOKEN, settings.WECOM_ENCODING_AES_KEY, settings.WECOM_CORP_ID)
    with app.app_context():
        engine = db.engine
    app.wsgi_app = Door(app.wsgi_app, inbound=inbound, engine=engine)  # type: ignore[method-assign]
