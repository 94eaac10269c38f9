"""What a 升级回退 makes of items, rows and people's duties (T-15…T-20, Q13…Q19). Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.errors import BadInput
from app.tasks.labels import ItemState

AFTER = {ItemState.DONE: ItemState.TO_ROLL_BACK, ItemState.OPEN: ItemState.NOT_UPGRADED}
"""是 must be restored (Q14), 否 is frozen (Q15); what an earlier rollback decided stays."""


class ItemLine(NamedTuple):
    """The item of one module inside a row."""

    point_task_id: int
    module_id: int | None
    name: str
    state: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rollback means for a row, or for a person over several, by the names of modules."""

    to_restore: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """True where anything changes."""
        return bool(self.to_restore or self.frozen)


def after(state: int) -> ItemState:
    """The state of an item whose module is rolled back."""
    return AFTER.get(ItemState(state), ItemState(state))


def some_left(states: Iterable[int]) -> bool:
    """True where one of these states can still be rolled back."""
    return any(state in AFTER for state in states)


def effect_on(items: Iterable[ItemLine], module_ids: Collection[int]) -> Effect:
    """What rolling these modules back does to a row with these items."""
    hit = [item for item in items if item.module_id in module_ids]
    return Effect(
        to_restore=tuple(item.name for item in hit if item.state == ItemState.DONE),
        frozen=tuple(item.name for item in hit if item.state == ItemState.OPEN),
    )


def counted(total: int, done: int, effect: Effect) -> tuple[int, int]:
    """items_total and items_done of a row afterwards: frozen items are not waited for (Q15)."""
    return total - len(effect.frozen), done - len(effect.to_restore)


def together(effects: Iterable[Effect]) -> Effect:
    """What several rows ask of one person, each module named once (Q17)."""
    rows = list(effects)
    return Effect(
        to_restore=_once(name for row in rows for name in row.to_restore),
        frozen=_once(name for row in rows for name in row.frozen),
    )


def require_some(effects: Collection[Effect], module_ids: Collection[int], known: Collection[int]) -> None:
    """BadInput for no module, a foreign one, or modules of which nothing is left to roll back."""
    if not module_ids:
        raise BadInput(fields={"module": "请勾选要回退的模块，至少一个。"})
    if not set(module_ids) <= set(known):
        raise BadInput("页面与任务不一致（有模块不属于该任务的补丁包），请刷新后重试。")
    if not any(effects):
        raise BadInput(fields={"module": "所选模块都已回退或暂不升级，没有可以回退的点位。"})


def changes(effect: Effect) -> list[str]:
    """What happened to a row, in the words of its history; the former 是 stays readable (Q14)."""
    restore = [f"{name}：是→需回退" for name in effect.to_restore]
    return restore + [f"{name}：否→暂不升级" for name in effect.frozen]


def modules_in_words(names: Sequence[str], *, most: int = 10) -> str:
    """模块A、模块B, or with very many 模块A、…等12个模块."""
    if len(names) <= most:
        return "、".join(names)
    return "、".join(names[:most]) + f"等{len(names)}个模块"


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
