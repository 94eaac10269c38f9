"""What a 升级回退 makes of items, rows and people's duties (T-15…T-20, Q13…Q19). Pure."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from app.errors import BadInput
from app.tasks.labels import ItemState
from app.tasks.rollback_effects import Effect


class ItemLine(NamedTuple):
    """The item of one module inside a row."""

    point_task_id: int
    module_id: int | None
    name: str
    state: int


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
