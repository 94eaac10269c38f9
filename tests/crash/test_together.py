"""Two people at one instant, a few pairs once; `make faults` lets every pair meet many times."""

from typing import Any

import pytest
from flask import Flask

from tests.crash.acts import TASKS
from tests.crash.office import OFFICE
from tests.crash.scene import Scene
from tests.crash.together import run
from tests.world import World

SEED = 20261128
OF_TASKS = TASKS.among("办结", "一键催办", "改点位", "撤销", "超期扫描")
OF_OFFICE = OFFICE.among("取消角色", "登记支持区域", "停用对方") + OFFICE.among("关推送", "开推送")


@pytest.mark.parametrize(
    ("scene", "which"), [(TASKS, OF_TASKS), (OFFICE, OF_OFFICE)], ids=["tasks", "office"]
)
@pytest.mark.proves("R-P4", "X-D2")
def test_what_two_do_at_one_instant_is_what_one_after_the_other_would_have_made(
    app: Flask, world: World, scene: Scene[Any], which: list[Any]
) -> None:
    wrong = [one for tally in run(app, world, scene, rounds=1, seed=SEED, which=which) for one in tally.wrong]

    assert wrong == [], "python -m tests.crash --kills 0 looks closer"
