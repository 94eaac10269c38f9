"""What does not fit into a message is said with its number; nothing is cut silently."""

from hypothesis import given
from hypothesis import strategies as st

from app.notices.fitting import Part, fitted

ENDING = "任务还未完成，请及时跟进监督。"
ENTRIES = "；".join(f"某某自治县第{n}区、第{n}镇：王强-应急事件" for n in range(60))
LONG = Part(f"区域{ENTRIES}{ENDING}", ENDING, 60)


def size(text: str) -> int:
    return len(text.encode())


def test_what_fits_stays_whole():
    parts = [Part("请办结。", "请办结。", 1), Part("请跟进。", "请跟进。", 2)]

    assert fitted(parts, space=100) == "请办结。\n请跟进。"


def test_a_long_list_stops_after_a_whole_entry_and_keeps_its_ending():
    text = fitted([LONG], space=1000)

    assert size(text) <= 1000
    head, end = text.split("……")
    assert head.endswith("：王强-应急事件")
    assert end == f"等60个点位{ENDING}"


def test_the_long_part_gives_way_to_the_short_one():
    short = Part("王强有一条应急事件任务还未完成。", "还未完成。", 1)
    text = fitted([LONG, short], space=1000)

    assert 900 < size(text) <= 1000
    assert text.endswith(f"{ENDING}\n{short.text}")


@given(
    st.lists(
        st.builds(Part, st.text(max_size=400), st.text(max_size=400), st.integers(1, 999)),
        min_size=1,
        max_size=4,
    ),
    st.integers(300, 2048),
)
def test_whatever_the_texts_they_fit(parts, space):
    assert size(fitted(parts, space=space)) <= space
