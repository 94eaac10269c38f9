"""Media, menu and workbench."""

from typing import Any

import pytest

from tests.simulator.conftest import AGENT, StandIn
from tests.simulator.test_cards import NOTICE

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
KEYDATA = {"agentid": AGENT, "type": "keydata", "keydata": {"items": [{"key": "待办", "data": "3"}]}}


def upload(stand_in: StandIn, kind: str, body: bytes, name: str = "现场照片.png") -> dict[str, Any]:
    head = f'--x\r\nContent-Disposition: form-data; name="media"; filename="{name}"\r\n\r\n'
    answer = stand_in.http.post(
        "/cgi-bin/media/upload",
        query_string={"access_token": stand_in.token(), "type": kind},
        data=head.encode() + body + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    return dict(answer.json)


def test_a_picture_goes_up_comes_down_and_can_be_sent(stand_in: StandIn) -> None:
    media_id = upload(stand_in, "image", PNG)["media_id"]

    asked = {"access_token": stand_in.token(), "media_id": media_id}
    down = stand_in.http.get("/cgi-bin/media/get", query_string=asked)
    assert (down.data, "%E7%8E%B0" in down.headers["Content-Disposition"]) == (PNG, True)
    assert stand_in.send(msgtype="image", image={"media_id": media_id})["errcode"] == 0
    stand_in.later(3 * 86400 + 1)
    assert stand_in.call("media/get", media_id=media_id)["errcode"] == 40145
    assert stand_in.send("linmin", msgtype="image", image={"media_id": media_id})["errcode"] == 40145


def test_a_file_is_not_sent_as_a_picture(stand_in: StandIn) -> None:
    media_id = upload(stand_in, "file", b"123456", "检查表.txt")["media_id"]

    assert stand_in.send(msgtype="image", image={"media_id": media_id})["errcode"] == 40004
    assert stand_in.send(msgtype="file", file={"media_id": media_id})["errcode"] == 0
    assert stand_in.chat()[-1]["body"]["filename"] == "检查表.txt"


def test_a_card_opens_a_file_for_three_days(stand_in: StandIn) -> None:
    media_id = upload(stand_in, "file", b"123456", "检查表.txt")["media_id"]
    card = NOTICE | {"horizontal_content_list": [{"keyname": "附件", "type": 2, "media_id": media_id}]}

    assert stand_in.card(**card)["errcode"] == 0
    stand_in.later(3 * 86400 + 1)
    assert stand_in.card(**card)["errcode"] == 40145


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("poem", PNG, 40005),
        ("file", b"", 44001),
        ("file", b"12345", 40006),
        ("file", b"123456", 0),
        ("image", b"not a picture", 40123),
        ("voice", b"not amr", 40004),
        ("voice", b"#!AMR\nsound", 0),
        ("image", PNG + b"\x00" * 10 * 1024 * 1024, 45001),
    ],
)
def test_uploads_are_checked(stand_in: StandIn, kind: str, body: bytes, code: int) -> None:
    assert upload(stand_in, kind, body)["errcode"] == code


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([{"name": "待办", "type": "view", "url": "https://example.com/"}], 0),
        ([{"name": "更多", "sub_button": [{"name": "帮助", "type": "click", "key": "help"}]}], 0),
        ([], 40016),
        ([{"name": "一"}] * 4, 40016),
        ([{"name": "待办", "type": "dance"}], 40017),
        ([{"name": "一二三四五六", "type": "click", "key": "k"}], 40018),
        ([{"name": "待办", "type": "view"}], 40063),
        ([{"name": "更多", "sub_button": [{"name": "a", "type": "click", "key": "k"}] * 6}], 40023),
        ([{"name": "更多", "sub_button": [{"name": "a", "type": "dance"}]}], 40024),
        ([{"name": "更多", "sub_button": [{"name": "长" * 14, "type": "click", "key": "k"}]}], 40025),
        ([{"name": "更多", "sub_button": [{"name": "a", "type": "click", "key": "k" * 129}]}], 40026),
        ([{"name": "更多", "sub_button": [{"name": "a", "sub_button": [{"name": "b"}]}]}], 40022),
    ],
)
def test_menus_are_checked(stand_in: StandIn, buttons: list[Any], code: int) -> None:
    assert stand_in.call("menu/create", {"button": buttons}, agentid=str(AGENT))["errcode"] == code


def test_a_menu_is_kept_until_deleted(stand_in: StandIn) -> None:
    menu = {"button": [{"name": "待办", "type": "view", "url": "https://example.com/"}]}
    assert stand_in.call("menu/get", agentid=str(AGENT))["errcode"] == 46003
    stand_in.call("menu/create", menu, agentid=str(AGENT))

    assert stand_in.call("menu/get", agentid=str(AGENT))["button"] == menu["button"]
    assert stand_in.http.get("/phone/linmin/surroundings").json["menu"] == menu
    stand_in.call("menu/delete", agentid=str(AGENT))
    assert stand_in.call("menu/get", agentid=str(AGENT))["errcode"] == 46003
    assert stand_in.call("menu/get", agentid="7")["errcode"] == 301002


def test_the_workbench_shows_a_members_own_numbers(stand_in: StandIn) -> None:
    own = KEYDATA | {"userid": "linmin", "keydata": {"items": [{"key": "待办", "data": "9"}]}}
    assert stand_in.call("agent/set_workbench_data", own)["errcode"] == 94008
    assert stand_in.call("agent/set_workbench_template", KEYDATA)["errcode"] == 0
    assert stand_in.call("agent/set_workbench_data", own)["errcode"] == 0

    shown = {
        one: stand_in.http.get(f"/phone/{one}/surroundings").json["workbench"] for one in ("linmin", "sunli")
    }
    assert shown["linmin"]["keydata"]["items"][0]["data"] == "9"
    assert shown["sunli"]["keydata"]["items"][0]["data"] == "3"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "song"}, 94001),
        ({"keydata": None}, 94002),
        ({"keydata": {"items": [{"key": "a", "data": "1"}] * 5}}, 94003),
        ({"keydata": {"items": [{"key": "a"}]}}, 94012),
        ({"type": "list"}, 94005),
        ({"type": "list", "list": {"items": [{"title": "a"}] * 4}}, 94006),
        ({"type": "webview", "webview": {"url": "ftp://x"}}, 94015),
        ({"agentid": 7}, 301002),
    ],
)
def test_workbench_templates_are_checked(stand_in: StandIn, change: dict[str, Any], code: int) -> None:
    assert stand_in.call("agent/set_workbench_template", KEYDATA | change)["errcode"] == code


def test_the_workbench_must_be_switched_on_and_is_rationed(stand_in: StandIn) -> None:
    stand_in.call("agent/set_workbench_template", KEYDATA)
    own = KEYDATA | {"userid": "linmin"}
    assert [stand_in.call("agent/set_workbench_data", own)["errcode"] for _ in range(11)] == [0] * 10 + [
        45009
    ]

    many = {"agentid": AGENT, "userid_list": ["linmin", "sunli"], "data": KEYDATA}
    assert stand_in.call("agent/batch_set_workbench_data", many)["errcode"] == 0
    stand_in.desk("switch", name="custom_workbench", value=False)
    assert stand_in.call("agent/set_workbench_template", KEYDATA)["errcode"] == 94000


def test_figures_go_to_so_many_persons_a_minute(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.simulator.api_workbench.PERSONS_PER_MINUTE", 3)
    stand_in.call("agent/set_workbench_template", KEYDATA)
    many = {"agentid": AGENT, "userid_list": ["linmin", "sunli"], "data": KEYDATA}
    answers = [stand_in.call("agent/batch_set_workbench_data", many)["errcode"] for _ in range(2)]

    assert answers == [0, 45009]


def test_an_open_phone_hears_of_a_new_menu_and_new_figures(stand_in: StandIn) -> None:
    def told() -> int:
        return int(stand_in.http.get("/phone/linmin/changes").json["surroundings"])

    before = told()
    stand_in.call(
        "menu/create", {"button": [{"name": "帮助", "type": "click", "key": "h"}]}, agentid=str(AGENT)
    )
    after_menu = told()
    stand_in.call("agent/set_workbench_template", KEYDATA)

    assert before < after_menu < told()
