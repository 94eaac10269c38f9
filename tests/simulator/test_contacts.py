"""The address book as a self-built app may read it."""

from tests.simulator.conftest import StandIn


def test_a_member_has_a_name_but_no_mobile_number(stand_in: StandIn) -> None:
    member = stand_in.call("user/get", userid="wangqiang")

    assert (member["userid"], member["name"], member["department"]) == ("WangQiang", "王强", [3])
    assert "mobile" not in member
    stand_in.desk("switch", name="member_details", value=True)
    assert stand_in.call("user/get", userid="wangqiang")["mobile"] == "13800000001"


def test_lists_go_department_by_department(stand_in: StandIn) -> None:
    names = [row["name"] for row in stand_in.call("user/simplelist", department_id="2")["userlist"]]

    assert names == ["林敏", "周总"]
    assert [row["id"] for row in stand_in.call("department/simplelist", id="2")["department_id"]] == [2, 3]
    assert stand_in.call("department/get", id="3")["department"]["name"] == "华北大区"
    assert stand_in.call("user/simplelist", department_id="99")["errcode"] == 60003


def test_who_left_or_is_out_of_range_cannot_be_seen(stand_in: StandIn) -> None:
    stand_in.desk("member", userid="linmin", state="left")
    stand_in.desk("member", userid="zhouzong", state="out_of_range")

    assert stand_in.call("user/get", userid="linmin")["errcode"] == 60111
    assert stand_in.call("user/get", userid="zhouzong")["errcode"] == 60011
    assert stand_in.call("user/simplelist", department_id="2")["userlist"] == []
    assert stand_in.send("linmin|zhouzong")["errcode"] == 81013


def test_a_disabled_account_is_known_and_gets_nothing(stand_in: StandIn) -> None:
    stand_in.desk("member", userid="sunli", state="disabled")

    assert stand_in.call("user/get", userid="sunli")["status"] == 2
    assert stand_in.send("sunli")["invaliduser"] == "sunli"


def test_states_survive_a_restart_and_vanish_with_a_reset(stand_in: StandIn) -> None:
    stand_in.desk("member", userid="linmin", state="left")
    assert stand_in.http.get("/desk/state.json").json["members"]["linmin"] == "left"

    assert stand_in.desk("reset") == 204
    assert "linmin" not in stand_in.http.get("/desk/state.json").json["members"]
