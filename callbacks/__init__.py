"""The door for WeCom events."""

from flask import Flask

from app.settings import Settings
from app.wecom.inbound import Inbound
from callbacks.views import bp

__all__ = ["bp", "init_app"]


def init_app(app: Flask) -> None:
    """Attach the callback route."""
    settings: Settings = app.config["SETTINGS"]
    app.extensions["wecom_inbound"] = Inbound(
        settings.WECOM_TOKEN, settings.WECOM_ENCODING_AES_KEY, settings.WECOM_CORP_ID
    )
    app.register_blueprint(bp)
