"""Equal names of places are told apart wherever they stand together."""

import pytest

from app.places.names import told_apart

SHI, XI, QIAO = "河北省 / 石家庄市 / 长安区", "陕西省 / 西安市 / 长安区", "河北省 / 石家庄市 / 桥西区"


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ([SHI, QIAO], ["长安区", "桥西区"]),
        ([SHI, QIAO, XI], ["长安区（石家庄市）", "桥西区", "长安区（西安市）"]),
        ([SHI, SHI], ["长安区", "长安区"]),  # the same place twice is no other place
        (["北京市 / 朝阳区", "吉林省 / 长春市 / 朝阳区"], ["朝阳区（北京市）", "朝阳区（长春市）"]),
        ([], []),
    ],
)
def test_equal_names_say_what_they_lie_in(paths, told):
    assert told_apart((path.split(" / ")[-1], path) for path in paths) == told
