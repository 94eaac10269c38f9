"""Directory, menu, workbench and JS-SDK."""

from app.wecom import directory, jssdk, workbench
from app.wecom.client import WeCom
from app.wecom.workbench import Figure
from tests.told_time import ToldTime
from tests.wecom.wire import Wire


def test_departments_and_their_members_are_read(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("department/simplelist", {"department_id": [{"id": 2, "parentid": 1, "order": 10}]})
    wire.answers(
        "user/simplelist", {"userlist": [{"userid": "WangQiang", "name": "王强", "department": [2]}]}
    )

    assert directory.departments(wecom) == [directory.DepartmentId(2, 1, 10)]
    assert directory.members_of(wecom, 2) == [directory.Member("WangQiang", "王强", (2,))]
    assert wire.query("user/simplelist")["department_id"] == ["2"]


def test_ids_written_as_text_are_read_and_what_has_none_is_passed_over(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("department/simplelist", {"department_id": [{"id": "2", "parentid": None}, {}, "x"]})
    wire.answers("user/list_id", {"dept_user": [{"userid": "a", "department": "1"}], "next_cursor": None})

    assert directory.departments(wecom) == [directory.DepartmentId(2, 0, 0)]
    assert list(directory.userids(wecom)) == [("a", 1)]


def test_a_member_shows_whether_the_account_has_left(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("user/get", {"userid": "sunli", "name": "孙丽", "department": [2, 3], "status": 5})

    assert directory.member(wecom, "sunli").status == directory.Status.LEFT


def test_the_whole_corporation_is_read_page_by_page(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("user/list_id", {"dept_user": [{"userid": "a", "department": 1}], "next_cursor": "c2"})
    wire.answers("user/list_id", {"dept_user": [{"userid": "b", "department": 2}], "next_cursor": ""})

    assert list(directory.userids(wecom)) == [("a", 1), ("b", 2)]
    assert wire.payload("user/list_id") == {"cursor": "c2", "limit": 10_000}


def test_the_menu_is_for_the_app(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("menu/create", {})

    workbench.set_menu(wecom, 1000002, [{"type": "view", "name": "待办", "url": "https://t.example/"}])

    assert wire.query("menu/create")["agentid"] == ["1000002"]
    assert wire.payload("menu/create")["button"][0]["name"] == "待办"


def test_figures_go_out_to_a_thousand_members_at_a_time(wecom: WeCom, wire: Wire):
    wire.hands_out("T1")
    wire.answers("agent/set_workbench_template", {})
    wire.answers("agent/batch_set_workbench_data", {})
    figures = [Figure("待办", "3", "https://t.example/")]

    workbench.show_figures(wecom, 1000002, figures)
    workbench.set_figures(wecom, 1000002, [f"u{number}" for number in range(1001)], figures)

    assert len(wire.bodies("agent/batch_set_workbench_data")) == 2
    assert wire.payload("agent/batch_set_workbench_data") == {
        "agentid": 1000002,
        "userid_list": ["u1000"],
        "data": {
            "type": "keydata",
            "keydata": {"items": [{"key": "待办", "data": "3", "jump_url": "https://t.example/"}]},
        },
    }


def test_the_js_signature_is_wecoms_own_example():
    found = jssdk.signature(
        ticket="sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
        nonce="Wm3WZYTPz0wzccnW",
        timestamp=1414587457,
        url="http://mp.weixin.qq.com?params=value#part",
    )
    assert found == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_tickets_of_app_and_corporation_are_kept_apart_and_fetched_once(
    wecom: WeCom, wire: Wire, told_time: ToldTime
):
    wire.hands_out("T1")
    wire.answers("get_jsapi_ticket", {"ticket": "corp", "expires_in": 7200})
    wire.answers("ticket/get", {"ticket": "agent", "expires_in": 7200})

    signed = [sign(wecom, "https://t.example/") for sign in (jssdk.corp_signature, jssdk.agent_signature) * 2]

    assert wire.asked == ["gettoken", "get_jsapi_ticket", "ticket/get"]
    assert signed[1].signature == jssdk.signature(
        ticket="agent", nonce=signed[1].nonce, timestamp=signed[1].timestamp, url="https://t.example/"
    )
