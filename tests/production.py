"""Settings as of a real installation."""

from typing import Any

from app.settings import Settings
from tests.databases import settings_for

PRODUCTION = {
    "MODE": "production",
    "SECRET_KEY": "9f2c61d07b3e4a58b6d1c0f7e2a9843b",
    "PUBLIC_BASE_URL": "https://task.example.com",
    "WECOM_CORP_ID": "ww0123456789",
    "WECOM_AGENT_ID": 1000009,
    "WECOM_SECRET": "a-real-secret",
    "WECOM_TOKEN": "aRealToken",
    "WECOM_ENCODING_AES_KEY": "a" * 43,
    "WECOM_CONTACT_SECRET": "another-real-secret",
    "WECOM_API_BASE": "https://qyapi.weixin.qq.com/cgi-bin/",
    "WECOM_OAUTH_BASE": "https://open.weixin.qq.com",
    "WECOM_SSO_BASE": "https://login.work.weixin.qq.com",
}


def in_production(address: str, **others: Any) -> Settings:
    """Settings of a real installation on the database at `address`."""
    return settings_for(address, **(PRODUCTION | others))
