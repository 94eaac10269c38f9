"""Who gets what at every address: one table, role × route (R-P8).

王强's row lies in 华北大区: 王强 implements it, 赵岚 is its 主管, 孙丽 its 服务经理,
郑大区 manages its 大区, 林敏 published it, 周总 heads the head office. 沈海, 顾东 and
何主任 hold the same roles elsewhere, 何志远 is 管理员 and nothing else. 无角色 has a session and no role, 访客 has none.

200 the page · 302 sent to the login page · 401 refused, text kept · 403 not for this role ·
404 as if it did not exist · 409 not now · 422 let in and told what is missing
"""

import re

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from app.people import sessions
from tests.visitor import Visitor
from tests.work.files import attach, picture, upload
from tests.world import World

TABLE = """
                                访客 无角色 王强 孙丽 赵岚 郑大区 林敏 周总 | 沈海 顾东 何主任 何志远
GET  /                          302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /tasks                     302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /tasks/rows                302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /tasks/tree                302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /tasks/found               302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /tasks/export              302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /exports/{place}           302   403   404  404  404   404   404  404 |  404  404   404    404
GET  /tasks/{task}              302   403   200  200  200   200   200  200 |  404  404   404    404
GET  /tasks/{task}/seen         302   403   404  404  404   404   200  200 |  404  404   404    404
GET  /tasks/{task}/edit         302   403   404  404  404   404   200  200 |  404  404   404    404
POST /tasks/{task}/edit         401   403   404  404  404   404   422  422 |  404  404   404    404
GET  /tasks/{task}/urge         302   403   404  404  404   404   200  200 |  404  404   404    404
POST /tasks/{task}/urge         401   403   404  404  404   404   302  409 |  404  404   404    404
POST /tasks/{task}/revoke       401   403   404  404  404   404   409  409 |  404  404   404    404
POST /tasks/{task}/pause-reminders 401 403 404  404  404   404   422  422 |  404  404   404    404
POST /tasks/{task}/resume-reminders 401 403 404 404  404   404   409  409 |  404  404   404    404
GET  /tasks/{task}/roll-back    302   403   404  404  404   404   200  200 |  404  404   404    404
GET  /tasks/{task}/roll-back/plan 302 403   404  404  404   404   200  200 |  404  404   404    404
POST /tasks/{task}/roll-back    401   403   404  404  404   404   409  409 |  404  404   404    404
POST /tasks/{task}/feed-back    401   403   422  422  422   422   422  422 |  404  404   404    404
POST /tasks/{task}/close        401   403   422  422  422   422   422  422 |  404  404   404    404
GET  /tasks/new                 302   403   403  403  403   403   200  200 |  403  403   200    403
GET  /tasks/deadline            302   403   403  403  403   403   200  200 |  403  403   200    403
GET  /tasks/modules             302   403   403  403  403   403   200  200 |  403  403   200    403
POST /tasks/preview             401   403   403  403  403   403   200  200 |  403  403   200    403
POST /tasks/new                 401   403   403  403  403   403   422  422 |  403  403   422    403
GET  /places/picker.json        200   200   200  200  200   200   200  200 |  200  200   200    200
GET  /patches                   302   403   403  403  403   403   200  200 |  403  403   200    200
GET  /patches/{patch}           302   403   403  403  403   403   200  200 |  403  403   200    200
GET  /patches/new               302   403   403  403  403   403   200  200 |  403  403   200    200
POST /patches/new               401   403   403  403  403   403   422  422 |  403  403   422    422
GET  /versions                  302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /versions/export           302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /places/staffing.json      302   403   403  403  200   200   200  200 |  403  200   200    200
GET  /people                    302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /people/{person}           302   403   200  200  200   200   200  200 |  200  200   200    200
POST /people/{person}/areas     401   403   403  403  302   302   403  302 |  403  403   403    302
POST /people/{person}/update-copies 401 403 403  403  302   302   403  302 |  403  403   403    302
GET  /people/places             302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /people/places/{place}     302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /people/places/{place}/offered 302 403 422  422  422   422   422  422 |  422  422   422    422
POST /people/places/{place}/staff 401 403   403  403  302   302   403  302 |  403  403   403    302
POST /people/places/{place}/update-copies 401 403 403 403 302 302  403 302 |  403  403   403    302
GET  /people/gaps               302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /point-tasks/{row}         302   403   200  200  200   200   200  200 |  404  404   404    404
GET  /point-tasks/{row}/notes   302   403   200  200  200   200   200  200 |  404  404   404    404
POST /point-tasks/{row}/feed-back 401 403   422  422  422   403   403  403 |  404  404   404    404
POST /point-tasks/{row}/transfer  401 403   422  422  422   403   403  403 |  404  404   404    404
POST /point-tasks/{row}/close   401   403   409  409  409   403   403  403 |  404  404   404    404
POST /point-tasks/{row}/urge    401   403   403  403  403   403   409  409 |  404  404   404    404
POST /point-tasks/{row}/send-back 401 403   403  403  403   403   409  409 |  404  404   404    404
GET  /tasks/{task}/deliveries   302   403   200  200  200   200   200  200 |  404  404   404    404
GET  /tasks/{task}/deliveries/export 302 403 404 404  404   404   200  200 |  404  404   404    404
POST /tasks/{task}/deliveries/retry 401 403 404  404  404   404   302  302 |  404  404   404    404
GET  /people/{person}/deliveries 302  403   200  404  404   404   404  404 |  404  404   404    200
GET  /deliveries                302   403   403  403  403   403   403  403 |  403  403   403    200
GET  /deliveries/export         302   403   403  403  403   403   403  403 |  403  403   403    200
POST /tasks/{task}/deliveries/retry-unknown 401 403 404 404 404 404 302 302 | 404 404   404    404
POST /deliveries/retry-unknown  401   403   403  403  403   403   403  403 |  403  403   403    302
POST /deliveries/{delivery}/retry  401 403  404  404  404   404   409  409 |  404  404   404    409
POST /deliveries/{delivery}/ignore 401 403  404  404  404   404   409  409 |  404  404   404    409
GET  /attachments/{uid}         302   403   200  200  200   200   200  200 |  404  404   404    404
GET  /attachments/{uid}/thumb   302   403   200  200  200   200   200  200 |  404  404   404    404
POST /attachments/{uid}/take-back 401 403   403  403  403   403   403  403 |  404  404   404    404
GET  /messages                  302   403   200  200  200   200   200  200 |  200  200   200    200
GET  /messages/unread           302   403   200  200  200   200   200  200 |  200  200   200    200
POST /messages/read             401   403   302  302  302   302   302  302 |  302  302   302    302
GET  /me                        302   403   200  200  200   200   200  200 |  200  200   200    200
POST /me/push                   401   403   302  302  302   302   302  302 |  302  302   302    302
POST /me/look                   302   302   302  302  302   302   302  302 |  302  302   302    302
GET  /admin                     302   403   403  403  403   403   403  403 |  403  403   403    200
GET  /admin/wordings            302   403   403  403  403   403   403  403 |  403  403   403    200
GET  /admin/wordings/{wording}  302   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/wordings/{wording}  401   403   403  403  403   403   403  403 |  403  403   403    422
POST /admin/wordings/{wording}/preview 401   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/wordings/{wording}/reset 401   403   403  403  403   403   403  403 |  403  403   403    409
GET  /people/new                302   403   403  403  403   403   403  403 |  403  403   403    200
POST /people/new                401   403   403  403  403   403   403  403 |  403  403   403    422
GET  /people/{person}/edit      302   403   403  403  403   403   403  403 |  403  403   403    200
POST /people/{person}/edit      401   403   403  403  403   403   403  403 |  403  403   403    422
POST /people/{person}/enable    401   403   403  403  403   403   403  403 |  403  403   403    302
GET  /people/{person}/open-rows 302   403   403  403  403   403   403  403 |  403  403   403    200
POST /people/{nobody}/hand-on   401   403   403  403  403   403   403  403 |  403  403   403    404
POST /people/{nobody}/disable   401   403   403  403  403   403   403  403 |  403  403   403    404
GET  /people/import             302   403   403  403  403   403   403  403 |  403  403   403    200
POST /people/import             401   403   403  403  403   403   403  403 |  403  403   403    422
GET  /people/template           302   403   403  403  403   403   403  403 |  403  403   403    200
GET  /admin/regions             302   403   403  403  403   403   403  403 |  403  403   403    200
GET  /admin/regions/new         302   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/regions/new         401   403   403  403  403   403   403  403 |  403  403   403    422
GET  /admin/regions/{region}    302   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/regions/{region}    401   403   403  403  403   403   403  403 |  403  403   403    422
GET  /admin/departments/new     302   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/departments/new     401   403   403  403  403   403   403  403 |  403  403   403    422
GET  /admin/departments/{region} 302   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/departments/{region} 401   403   403  403  403   403   403  403 |  403  403   403    422
GET  /admin/audit               302   403   403  403  403   403   403  403 |  403  403   403    200
GET  /admin/audit/export        302   403   403  403  403   403   403  403 |  403  403   403    200
GET  /admin/settings            302   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/settings            401   403   403  403  403   403   403  403 |  403  403   403    302
GET  /admin/calendar            302   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/calendar            401   403   403  403  403   403   403  403 |  403  403   403    422
GET  /admin/tokens              302   403   403  403  403   403   403  403 |  403  403   403    200
POST /admin/tokens              401   403   403  403  403   403   403  403 |  403  403   403    422
POST /admin/tokens/{person}/revoke 401 403  403  403  403   403   403  403 |  403  403   403    404
GET  /login                     302   302   302  302  302   302   302  302 |  302  302   302    302
GET  /login/callback            400   400   400  400  400   400   400  400 |  400  400   400    400
GET  /logout                    200   200   200  200  200   200   200  200 |  200  200   200    200
POST /logout                    302   302   302  302  302   302   302  302 |  302  302   302    302
GET  /healthz                   200   200   200  200  200   200   200  200 |  200  200   200    200
GET  /api/v1/tasks              401   401   401  401  401   401   401  401 |  401  401   401    401
GET  /api/v1/tasks/{task}       401   401   401  401  401   401   401  401 |  401  401   401    401
GET  /api/v1/tasks/{task}/point-tasks 401 401 401 401 401   401   401  401 |  401  401   401    401
POST /api/v1/patches            401   401   401  401  401   401   401  401 |  401  401   401    401
GET  /api/v1/openapi.json       200   200   200  200  200   200   200  200 |  200  200   200    200
GET  /metrics                   200   200   200  200  200   200   200  200 |  200  200   200    200
GET  /readyz                    503   503   503  503  503   503   503  503 |  503  503   503    503
"""
HEAD, *LINES = [line.replace("|", " ").split() for line in TABLE.strip().splitlines()]
FILLED = {"version": "1", "up_to": "0"}
MORE = {
    "revoke": {"reason": "不需要了", "version": "99"},
    "roll-back": {"reason": "有误", "version": "99"},
    "transfer": {"to": "9"},
    "send-back": {"reason": "抽查", "impact": "全部"},
}


@pytest.fixture
def visitors(app: Flask, world: World) -> dict[str, Visitor]:
    """Everyone of the table at a browser of their own."""
    found = {}
    for number, name in enumerate(HEAD):
        found[name] = visitor = app.test_client()
        visitor.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"  # failed logins are counted by address
        with visitor.session_transaction() as cookie:
            cookie["csrf_token"] = "seed"
            if name != "访客":
                cookie["_user_id"] = sessions.start(world.by_name[name.replace("无角色", "陌生人")])
    return found


@pytest.mark.proves("R-P8")
def test_the_table_holds_for_everyone(app: Flask, world: World, visitors: dict[str, Visitor]) -> None:
    task = world.published("130102")
    # Uploaded by someone who is not in the field, so that nobody takes it away before the others have asked.
    [photo] = attach(world.row(task), upload(picture()), by=world.person("林敏"))
    ids = {
        "uid": photo.uid,
        "person": world.by_name["王强"],
        "place": "130102",
        "patch": world.patch(),
        "wording": "urge.copied_in",
        "region": 1,
        "nobody": 9999,
        "delivery": 1,
    }
    token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("seed")
    wrong = []
    for method, path, *expected in LINES:
        for name, status in zip(HEAD, expected, strict=True):
            address = path.format(task=task, row=world.row(task).id, **ids)
            got = ask(visitors[name], method, address, world.key(), token)
            if got != int(status):
                wrong.append(f"{method} {path}: {name} got {got}, the table says {status}")
    assert not wrong, "\n".join(wrong)


def test_the_table_has_every_route(app: Flask) -> None:
    listed = {(method, re.sub(r"{\w+}", "<>", path)) for method, path, *_ in LINES}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        path = "/".join("<>" if part.startswith("<") else part for part in rule.rule.split("/"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert (method, path) in listed, f"{method} {rule} is missing from the table"


def ask(visitor: Visitor, method: str, path: str, key: str, token: str) -> int:
    if method == "GET":
        return visitor.get(path).status_code
    more = MORE.get(path.rsplit("/", 1)[1], {})
    return visitor.post(path, data=FILLED | {"form_key": key, "csrf_token": token} | more).status_code
