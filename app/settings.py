"""Settings: read once from the environment, typed, one error listing everything wrong."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from click import ClickException
from pydantic import ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent

DEMO: dict[str, str] = {
    "WECOM_CORP_ID": "wwdemo0000000001",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "demo-secret-not-for-production",
    "WECOM_TOKEN": "demoCallbackToken",
    "WECOM_ENCODING_AES_KEY": "demoEncodingAesKeyNotForProduction000000000",
    "WECOM_CONTACT_SECRET": "demo-contact-secret-not-for-production",
    "WECOM_API_BASE": "http://127.0.0.1:8001/cgi-bin/",
    "WECOM_OAUTH_BASE": "http://127.0.0.1:8001",
    "WECOM_SSO_BASE": "http://127.0.0.1:8001",
    "SECRET_KEY": "demo-secret-key-not-for-production-0123456789",
    "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
}
WECOM_HOSTS = ("qyapi.weixin.qq.com", "open.weixin.qq.com", "login.work.weixin.qq.com")


SHORTEST_KEY = 32
FEWEST_DIFFERENT = 8  # 32 random hexadecimal digits have fewer once in a million
HOW_TO_MAKE_A_KEY = "请用 python3 -c 'import secrets; print(secrets.token_hex(32))' 生成一个"
# What examples on the web and on keyboards are made of; long enough never to appear by chance.
WELL_KNOWN = re.compile(
    r"secret|passw|change.?me|change.?this|example|insecure|default|qwert|asdfgh|1234567|abcdefg|your.?key",
    re.IGNORECASE,
)
UNASKED_DEMO = (
    "没有设置 MODE，正在用演示模式和公开的演示密钥运行：任何人都能伪造登录。只监听本机。"
    "正式运行请设置 MODE=production（见 .env.example）；只是演示请设置 MODE=demo。"
)


class Mode(StrEnum):
    """Where the product runs."""

    DEMO = "demo"
    PRODUCTION = "production"


class BadSettings(ClickException):
    """The settings cannot be used; the text names every variable that is wrong.

    Of click's kind, so that every `flask …` shows the sentence and no trace.
    """


class Settings(BaseSettings):
    """Everything that differs between installations (docs/settings.md)."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=True)

    MODE: Mode = Mode.DEMO
    SECRET_KEY: str
    PUBLIC_BASE_URL: str
    DATABASE_URL: str = f"sqlite:///{ROOT / 'var' / 'app.db'}"
    PLATFORM_NAME: str = "长天长平台"
    UPLOAD_DIR: Path = ROOT / "var" / "uploads"
    TRUSTED_PROXIES: int = 0
    LOG_LEVEL: str = "INFO"
    CLOCK_OFFSET_FILE: Path = ROOT / "var" / "clock-offset"

    WECOM_CORP_ID: str
    WECOM_AGENT_ID: int
    WECOM_SECRET: str
    WECOM_TOKEN: str
    WECOM_ENCODING_AES_KEY: str
    WECOM_CONTACT_SECRET: str = ""
    WECOM_API_BASE: str = "https://qyapi.weixin.qq.com/cgi-bin/"
    WECOM_OAUTH_BASE: str = "https://open.weixin.qq.com"
    WECOM_SSO_BASE: str = "https://login.work.weixin.qq.com"

    DELIVERY_POLL_SECONDS: float = 0.5
    DELIVERY_LEASE_SECONDS: float = 60
    DELIVERY_RETRY_SECONDS: float = 2
    DELIVERY_THREADS: int = 16
    DELIVERY_KEEP_DAYS: int = 90
    WECOM_ACCOUNT_CEILING: int = 0
    SCAN_SECONDS: float = 15
    SUPERVISOR_FEEDS_BACK: bool = False

    URGE_COOLDOWN_MINUTES: int = 30
    QUIET_HOURS: str = "21:00-08:30"
    REMIND_BEFORE: str = "1d,2h"
    REMIND_PUSH: bool = False
    OVERDUE_DAILY: bool = True
    ESCALATE_AFTER_DAYS: int = 0

    @field_validator("WECOM_ENCODING_AES_KEY")
    @classmethod
    def _aes_key(cls, value: str) -> str:
        if len(value) != 43 or not (value.isascii() and value.isalnum()):
            raise ValueError("应为企业微信后台生成的 43 位字母或数字")
        return value

    @field_validator("WECOM_TOKEN")
    @classmethod
    def _token(cls, value: str) -> str:
        if not (1 <= len(value) <= 32 and value.isascii() and value.isalnum()):
            raise ValueError("应为不超过 32 位的字母或数字")
        return value

    @field_validator("PUBLIC_BASE_URL", "WECOM_OAUTH_BASE", "WECOM_SSO_BASE", "WECOM_API_BASE")
    @classmethod
    def _url(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError("应为 http:// 或 https:// 开头、不带参数的网址")
        if info.field_name == "WECOM_API_BASE":
            return value if value.endswith("/") else value + "/"
        if info.field_name == "PUBLIC_BASE_URL" and parts.path not in ("", "/"):
            raise ValueError("应只写到域名或端口，不带路径")
        return value.rstrip("/")

    @field_validator("DATABASE_URL")
    @classmethod
    def _database(cls, value: str) -> str:
        """Use psycopg 3 for every spelling of a PostgreSQL address."""
        for head in ("postgres://", "postgresql://", "postgresql+psycopg2://"):
            if value.startswith(head):
                return "postgresql+psycopg://" + value[len(head) :]
        if not value.startswith(("sqlite://", "postgresql+psycopg://")):
            raise ValueError("应以 sqlite:/// 或 postgresql:// 开头")
        return value

    @field_validator("SECRET_KEY")
    @classmethod
    def _secret_key(cls, value: str) -> str:
        if len(value) < SHORTEST_KEY:
            raise ValueError(f"至少 {SHORTEST_KEY} 个字符，{HOW_TO_MAKE_A_KEY}")
        return value

    @field_validator("DELIVERY_KEEP_DAYS")
    @classmethod
    def _keep_days(cls, value: int) -> int:
        """Far more than the days in which a message can be repeated, recalled or changed."""
        if not 30 <= value <= 3650:
            raise ValueError("应为 30 到 3650 之间的天数")
        return value

    @field_validator("QUIET_HOURS")
    @classmethod
    def _quiet_hours(cls, value: str) -> str:
        clock = r"([01]\d|2[0-3]):[0-5]\d"
        if value != "off" and not re.fullmatch(f"({clock})-(?!\\1)({clock})", value):
            raise ValueError("应写成 21:00-08:30 这样，不要免打扰时写 off")
        return value

    @field_validator("REMIND_BEFORE")
    @classmethod
    def _remind_before(cls, value: str) -> str:
        if value != "off" and not re.fullmatch(r"[1-9]\d?[dh](, ?[1-9]\d?[dh])*", value):
            raise ValueError("应写成 1d,2h 这样（d 是工作日，h 是小时），不要提醒时写 off")
        return value

    @field_validator("LOG_LEVEL")
    @classmethod
    def _log_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("应为 DEBUG、INFO、WARNING 或 ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _production_is_safe(self) -> "Settings":
        """Production refuses demo secrets, plain http and a stand-in."""
        if self.MODE is not Mode.PRODUCTION:
            return self
        wrong = [
            f"{name}：生产环境不能使用演示用的值"
            for name, value in DEMO.items()
            if str(getattr(self, name)) == value and not name.endswith(("_BASE", "_URL", "_AGENT_ID"))
        ]
        if weakness := weakness_of(self.SECRET_KEY):
            wrong.append(f"SECRET_KEY：{weakness}，谁都可能猜到，{HOW_TO_MAKE_A_KEY}")
        if not self.https:
            wrong.append("PUBLIC_BASE_URL：生产环境必须是 https:// 开头的网址")
        for name in ("WECOM_API_BASE", "WECOM_OAUTH_BASE", "WECOM_SSO_BASE"):
            parts = urlsplit(getattr(self, name))
            if parts.scheme != "https" or parts.hostname not in WECOM_HOSTS:
                wrong.append(f"{name}：生产环境只能指向企业微信的官方地址")
        if wrong:
            raise ValueError("；".join(wrong))
        return self

    @property
    def https(self) -> bool:
        """True where cookies may carry Secure and the __Host- prefix."""
        return self.PUBLIC_BASE_URL.startswith("https://")

    @property
    def unasked_demo(self) -> bool:
        """True where nobody said how it runs, so that it runs on the public secrets of the demo."""
        return "MODE" not in self.model_fields_set

    @property
    def demo(self) -> bool:
        """True on a laptop with the stand-in."""
        return self.MODE is Mode.DEMO


def weakness_of(key: str) -> str | None:
    """Why a key for signing could be guessed, None where nothing speaks against it."""
    if len(set(key)) < FEWEST_DIFFERENT:
        return "只由少数几个字符组成"
    if key in (key + key)[1:-1]:
        return "是同一段文字的重复"
    if WELL_KNOWN.search(key):
        return "含有常见的示例文字"
    return None


def load(environment: dict[str, str]) -> Settings:
    """Settings from `environment`; in demo mode the gaps are filled with demo values.

    Raises BadSettings with one line per variable that is missing or wrong.
    """
    given: dict[str, Any] = {key: environment[key] for key in Settings.model_fields if environment.get(key)}
    if given.get("MODE", Mode.DEMO) == Mode.DEMO:
        given = _demo_addresses(environment) | given
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise BadSettings("设置有误：\n" + "\n".join(_lines(error))) from None


def _demo_addresses(environment: dict[str, str]) -> dict[str, str]:
    """Demo defaults, at any hour and on the ports that `make demo` was told to use."""
    stand_in = f"http://127.0.0.1:{environment.get('SIMULATOR_PORT') or 8001}"
    values = dict(DEMO)
    values |= {
        "QUIET_HOURS": "off",  # a visitor at night must see what happens
        "WECOM_OAUTH_BASE": stand_in,
        "WECOM_SSO_BASE": stand_in,
        "WECOM_API_BASE": stand_in + "/cgi-bin/",
    }
    return values


def _lines(error: ValidationError) -> list[str]:
    lines = []
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"])
        text = "缺少这个设置" if item["type"] == "missing" else item["msg"].removeprefix("Value error, ")
        lines.append(f"  {name}：{text}" if name else "  " + text.replace("；", "\n  "))
    return lines
