"""补丁包 as large as may be: 200 modules, notes of 20,000 characters, by page, file and interface (T-22, T-27)."""

import json
from html import unescape

import openpyxl
import pytest
import sqlalchemy as sa

from app.db import session
from app.tasks.models import Patch, PatchModule
from app.tasks.patches import files, importing
from tests.api.conftest import system  # noqa: F401 (a fixture)
from tests.h5.conftest import browser_of  # noqa: F401 (a fixture)

NOTE = "补丁说明：" + "改动" * 9_997 + "。"
FORM = "multipart/form-data"  # as the form says
NAMES = [f"模块{number:03}" for number in range(200)]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def kept() -> tuple[int, set[str]]:
    """How many modules are registered, and their notes."""
    session().rollback()
    assert session().execute(sa.select(sa.func.count()).select_from(Patch)).scalar_one() == 1
    notes = session().execute(sa.select(PatchModule.note)).scalars().all()
    return len(notes), set(notes)


def test_by_page_T22_T27(world, browser_of):  # noqa: F811
    assert len(NOTE) == 20_000
    filled = {"name": "大补丁", "version": "1", "test_state": "测试通过", "sent_by": "", "sent_at": ""}
    answer = browser_of("林敏").submit(
        "/patches/new", "/patches/new", **filled, module=NAMES, module_note=[NOTE] * 200, content_type=FORM
    )

    answer.request.environ["wsgi.input"].close()  # the test client has put so much into a file
    assert answer.status_code == 302
    assert kept() == (200, {NOTE})


def test_by_the_interface_however_it_is_written_T22_T27(world, system):  # noqa: F811
    modules = [{"name": name, "note": NOTE} for name in NAMES]
    package = {"name": "大补丁", "version": "1", "modules": modules}
    assert len(json.dumps(package)) > 20_000_000  # every character as six

    answer = system().post("/patches", package)

    assert answer.status_code == 201
    assert kept() == (200, {NOTE})


def test_too_much_for_the_interface_says_how_much_is_taken(world, system):  # noqa: F811
    answer = system().post("/patches", {"name": "长" * 5_000_000})

    assert (answer.status_code, answer.json["message"]) == (413, "请求内容太大，最多 26 MB。")


@pytest.mark.parametrize("ending", ["xlsx", "json"])
def test_by_file_T22_T27(world, tmp_path, ending):
    file = tmp_path / f"补丁包.{ending}"
    if ending == "json":
        modules = [{"name": name, "note": NOTE} for name in NAMES]
        file.write_text(json.dumps({"patches": [{"name": "大补丁", "version": "1", "modules": modules}]}))
    else:
        book = openpyxl.Workbook()
        book.active.title = files.SHEET
        book.active.append(["补丁包", "版本", "模块", "补丁说明"])
        for name in NAMES:
            book.active.append(["大补丁", "1", name, NOTE])
        book.save(file)

    report = importing.import_packages(files.read(file))

    assert [str(problem) for problem in report.problems] == []
    assert kept() == (200, {NOTE})


def test_a_long_note_is_whole_on_a_page_of_its_own_and_begins_at_its_icon_T21_T22(world, browser_of):  # noqa: F811
    from app.tasks.patches import registering

    package = registering.PatchPackage("大补丁", "1", ((NAMES[0], NOTE), (NAMES[1], "短")))
    patch_id, _ = registering.register(package, by=world.person("林敏"), sender="登记页")
    row = world.row(world.published(type="升级任务", patch_id=patch_id))

    page = browser_of("王强").get(f"/point-tasks/{row.id}").text
    assert NOTE not in page
    assert NOTE[:2000] in page
    assert "查看全文（20000 字）" in page
    assert NOTE in unescape(browser_of("王强").get(f"/point-tasks/{row.id}/notes").text)
    assert browser_of("沈海").get(f"/point-tasks/{row.id}/notes").status_code == 404


def test_a_package_that_failed_its_tests_warns_when_it_is_chosen_T25(world, browser_of):  # noqa: F811
    from app.tasks.patches import registering
    from app.tasks.publishing import preview

    package = registering.PatchPackage("征管补丁", "9", (("模块A", ""),), test_state="测试未通过")
    patch_id, _ = registering.register(package, by=world.person("林敏"), sender="登记页")

    shown = browser_of("林敏").get(f"/tasks/modules?patch={patch_id}").text
    assert "征管补丁 9 的送测状态是测试未通过，请确认后再发布。" in shown
    form = world.form(type="升级任务", patch_id=patch_id)
    assert preview.preview(form, by=world.person("林敏")).warnings[0] in shown
    other = world.form(type="应急事件", patch_id=patch_id)
    assert preview.preview(other, by=world.person("林敏")).warnings == ()
