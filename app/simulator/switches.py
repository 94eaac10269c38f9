"""What WeCom's documents leave open and what a director may set, each a switch to test both ways."""

import json
from dataclasses import dataclass
from typing import Any

from app.simulator.store import Store


@dataclass(frozen=True)
class Switch:
    """One thing that can be set at the desk; `choices` is empty for free text and numbers."""

    name: str
    default: Any
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    unverified: bool = False


SWITCHES = (
    Switch("trusted_ips", "", "企业可信 IP，逗号隔开；空着不检查"),
    Switch("delay_ms", 0, "每次调用先等多少毫秒再处理（网络往返）"),
    Switch("callback_configured", True, "应用已配置回调 URL（否则卡片 43012，事件不发）"),
    Switch("custom_workbench", True, "应用已开启工作台自定义展示"),
    Switch("member_per_minute", 30, "每人每分钟最多收到几条，超过的悄悄丢弃"),
    Switch("member_per_hour", 1000, "每人每小时最多收到几条"),
    Switch("api_per_minute", 10000, "每个接口每分钟最多调用几次（发消息不算），超过 45009，封一分钟"),
    Switch("api_per_hour", 150000, "每个接口每小时最多调用几次，超过 45009，封一小时"),
    Switch("ip_per_minute", 20000, "每个 IP 每分钟最多调用几次"),
    Switch("ip_per_hour", 600000, "每个 IP 每小时最多调用几次"),
    Switch("account_ceiling", 0, "账号上限（每日额度 = 上限 × 200；0 = 成员数）"),
    Switch("member_details", False, "user/get 返回手机等详情（2022-06-20 前创建的应用）"),
    Switch("contact_events", False, "把通讯录变更事件发给应用的回调地址"),
    Switch("report_location", False, "应用要求上报位置：成员进入应用时发 LOCATION"),
    Switch("strict_lengths", False, "超过建议长度就报错（关着时只截断显示）", unverified=True),
    Switch(
        "token_again",
        "another",
        "有效期内再次 gettoken",
        (("another", "给新的，旧的仍有效"), ("same", "给同一个"), ("replaces", "给新的，旧的立即失效")),
        unverified=True,
    ),
    Switch(
        "duplicate_answer",
        "repeat",
        "重复消息的应答",
        (("repeat", "与第一次相同"), ("bare", "errcode 0，没有 msgid"), ("busy", "-1 系统繁忙")),
        unverified=True,
    ),
    Switch(
        "duplicate_compares",
        "bytes",
        "怎样算同一条消息",
        (("bytes", "请求逐字节相同"), ("json", "JSON 内容相同")),
        unverified=True,
    ),
    Switch(
        "task_id_again",
        "refuse",
        "task_id 用第二次",
        (("refuse", "42014"), ("accept", "照常发送")),
        unverified=True,
    ),
    Switch(
        "unlicensed_alone",
        "accepted",
        "接收人全部没有许可",
        (("accepted", "errcode 0，列在 unlicenseduser"), ("refused", "81013")),
        unverified=True,
    ),
    Switch("failed_update_consumes", True, "更新卡片失败也消耗 response_code", unverified=True),
    Switch("passive_card_reply", False, "回调应答里的 update_button 等被执行", unverified=True),
    Switch(
        "callback_retry",
        "any",
        "哪些回调失败会重试",
        (("any", "所有非 200"), ("network", "只有连不上和超时")),
        unverified=True,
    ),
    Switch(
        "retried_bytes",
        "same",
        "重试的回调",
        (("same", "与第一次逐字节相同"), ("fresh", "重新加密，时间戳、随机数和签名都变")),
        unverified=True,
    ),
)
BY_NAME = {one.name: one for one in SWITCHES}


class Switches:
    """Settings of the desk, kept in memory and written through."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values: dict[str, Any] = {}
        self.reload()

    def __getitem__(self, name: str) -> Any:
        return self._values.get(name, BY_NAME[name].default)

    def set(self, name: str, value: Any) -> None:
        """Set one switch; text from a form is read as the kind of its default."""
        value = _as_kind(value, BY_NAME[name])
        with self._store.use() as db:
            db.execute("INSERT OR REPLACE INTO document VALUES (?, ?)", (f"switch:{name}", json.dumps(value)))
        self._values[name] = value

    def reload(self) -> None:
        with self._store.use() as db:
            rows = db.execute("SELECT name, body FROM document WHERE name LIKE 'switch:%'").fetchall()
        self._values = {row["name"].removeprefix("switch:"): json.loads(row["body"]) for row in rows}


def _as_kind(value: Any, switch: Switch) -> Any:
    if isinstance(switch.default, bool):
        return value in (True, 1, "1", "on", "true", "yes")
    if isinstance(switch.default, int):
        return max(0, int(value))
    if switch.choices and value not in dict(switch.choices):
        raise ValueError(f"{switch.name} 只能是 {'、'.join(dict(switch.choices))}")
    return str(value).strip()
