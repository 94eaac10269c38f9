"""What the stand-in needs to know, read once from the environment."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

DEMO = {
    "WECOM_CORP_ID": "wwdemo0000000001",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "demo-secret-not-for-production",
    "WECOM_TOKEN": "demoCallbackToken",
    "WECOM_ENCODING_AES_KEY": "demoEncodingAesKeyNotForProduction000000000",
    "WECOM_CONTACT_SECRET": "demo-contact-secret-not-for-production",
    "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
    "SIMULATOR_PORT": "8001",
    "SIMULATOR_DB": str(ROOT / "var" / "simulator.db"),
    "CLOCK_OFFSET_FILE": str(ROOT / "var" / "clock-offset"),
}


@dataclass(frozen=True)
class Settings:
    """Corp and app as an administrator would see them, and where the stand-in keeps its own things."""

    corp_id: str
    agent_id: int
    secret: str
    token: str
    aes_key: str
    contact_secret: str
    public_base_url: str
    port: int
    database: Path
    organisation: Path
    clock_file: Path
    seed: int
    host: str = "127.0.0.1"
    callback_patience: float = 5.0
    callback_pauses: tuple[float, ...] = (1.0, 2.0, 4.0)

    @property
    def app_origin(self) -> str:
        parts = urlsplit(self.public_base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def trusted_domain(self) -> str:
        return urlsplit(self.public_base_url).netloc

    @property
    def callback_url(self) -> str:
        return f"{self.public_base_url}/callbacks/wecom"

    @property
    def app_home(self) -> str:
        return f"{self.public_base_url}/login?next=/&inside=1"


def read_settings(
    environ: Mapping[str, str], *, organisation: str | None = None, port: int | None = None
) -> Settings:
    """Settings with the demo's defaults; raises ValueError naming the variable that is wrong."""
    value = {name: environ.get(name) or default for name, default in DEMO.items()}
    return Settings(
        corp_id=value["WECOM_CORP_ID"],
        agent_id=_whole_number(value, "WECOM_AGENT_ID"),
        secret=value["WECOM_SECRET"],
        token=value["WECOM_TOKEN"],
        aes_key=_aes_key(value["WECOM_ENCODING_AES_KEY"]),
        contact_secret=value["WECOM_CONTACT_SECRET"],
        public_base_url=_web_address(value["PUBLIC_BASE_URL"]),
        port=port if port is not None else _whole_number(value, "SIMULATOR_PORT"),
        database=Path(value["SIMULATOR_DB"]),
        organisation=Path(organisation) if organisation else HERE / "organisation.json",
        clock_file=Path(value["CLOCK_OFFSET_FILE"]),
        seed=_whole_number(environ, "SIMULATOR_SEED") if environ.get("SIMULATOR_SEED") else new_seed(),
    )


def new_seed() -> int:
    """Chance of its own; short enough to be typed in again."""
    return secrets.randbelow(1_000_000)


def _whole_number(value: Mapping[str, str], name: str) -> int:
    try:
        return int(value[name])
    except ValueError:
        raise ValueError(f"{name} 应是整数，现在是 {value[name]!r}") from None


def _aes_key(text: str) -> str:
    try:
        good = len(text) == 43 and len(base64.b64decode(text + "=")) == 32
    except binascii.Error:
        good = False
    if not good:
        raise ValueError("WECOM_ENCODING_AES_KEY 应是 43 个字母或数字")
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"PUBLIC_BASE_URL 应以 http:// 或 https:// 开头，现在是 {text!r}")
    return text.rstrip("/")
