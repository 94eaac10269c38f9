"""Take the pictures of the stand-in: every kind of message in every state, the clients, the desk; light and dark.

`python -m scripts.simulator_pictures` writes docs/pictures/simulator-*.png, shown in docs/stand-in.md;
it needs Chromium and a Chinese font. A page on which something went wrong keeps its
last picture, and the program ends with 1.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from io import BytesIO
from pathlib import Path
from typing import cast

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.watching import Watch

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
THEMES = ("light", "dark")
HOME = "http://127.0.0.1:8000/login?next=/&inside=1"
SSO = (
    "/wwlogin/sso/login?login_type=CorpApp&appid=wwdemo0000000001&agentid=1000002&state=abc"
    "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Flogin%2Fcallback"
)
# (file name, path, width, height, whole page)
PAGES = (
    ("members", "/", 1280, 800, False),
    ("members-phone", "/", 390, 844, False),
    ("messages-phone", "/gallery", 1760, 900, True),
    ("messages-desktop", "/gallery?client=desktop", 1760, 900, True),
    ("phone", "/phone/wangqiang#chat", 390, 844, False),
    ("phone-workbench", "/phone/wangqiang#workbench", 390, 844, False),
    ("phone-me", "/phone/wangqiang#me", 390, 844, False),
    ("desktop", "/desktop/wangqiang#chat", 1280, 800, False),
    ("side-by-side", "/side-by-side?left=wangqiang&right=linmin", 1280, 800, False),
    ("sso", SSO, 1280, 800, False),
    ("desk", "/desk", 1280, 800, False),
)


def main() -> int:
    """Take all of them; 1 where something went wrong on a page."""
    faults: list[str] = []
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        port, program = start(Path(folder))
        try:
            fill(f"http://127.0.0.1:{port}")
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for name, path, width, height, whole in PAGES:
                for theme in THEMES:
                    page = open_page(browser, theme, width, height)
                    watch = Watch(page)
                    page.goto(f"http://127.0.0.1:{port}{path}")
                    page.wait_for_timeout(1200)
                    if found := watch.faults():
                        faults += [f"{name} {theme}  {fault}" for fault in found]
                    else:
                        save(page.screenshot(full_page=whole), f"simulator-{name}-{theme}.png")
                    page.close()
            browser.close()
        finally:
            program.terminate()
            program.wait(timeout=10)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def save(picture: bytes, name: str) -> None:
    """256 colours are enough for pages, and make a third of the bytes."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    small = image.quantize(palette=palette_of(image), dither=Image.Dither.NONE)
    small.save(TARGET / name, optimize=True)


def palette_of(image: Image.Image) -> Image.Image:
    """The colours seen most, exactly, and room for rare ones such as a badge's red."""
    counted = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    rare = image.quantize(96, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    common = [level for _, colour in counted[:160] for level in cast("tuple[int, ...]", colour)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(common + rare[: 96 * 3])
    return palette


def open_page(browser: Browser, theme: str, width: int, height: int) -> Page:
    return browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
    )


def start(folder: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """The stand-in on a free port with a file of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    own = {"SIMULATOR_DB": str(folder / "own.db"), "CLOCK_OFFSET_FILE": str(folder / "offset")}
    command = [sys.executable, "-m", "app.simulator", "--port", str(port)]
    program = subprocess.Popen(command, cwd=ROOT, env=os.environ | own)
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    return port, program


def fill(base: str) -> None:
    """A few calls, so that chat and desk have something to show."""
    import requests

    asked = {"corpid": "wwdemo0000000001", "corpsecret": "demo-secret-not-for-production"}
    token = requests.get(f"{base}/cgi-bin/gettoken", params=asked, timeout=5).json()["access_token"]

    def call(api: str, body: dict[str, object]) -> None:
        args = {"access_token": token, "agentid": "1000002"}
        whole = {"agentid": 1000002, **body}
        requests.post(f"{base}/cgi-bin/{api}", params=args, json=whole, timeout=5).raise_for_status()

    for message in messages():
        call("message/send", message)
    call("menu/create", {"button": menu()})
    figures = [("已超期", "1"), ("今天到期", "2"), ("未来七天", "5"), ("待确认", "0")]
    items = [{"key": key, "data": data, "jump_url": HOME} for key, data in figures]
    call("agent/set_workbench_template", {"type": "keydata", "keydata": {"items": items}})


def menu() -> list[dict[str, object]]:
    views = [{"name": name, "type": "view", "url": HOME} for name in ("我的待办", "任务")]
    return [*views, {"name": "更多", "sub_button": [{"name": "帮助", "type": "click", "key": "help"}]}]


def messages() -> list[dict[str, object]]:
    card = {
        "card_type": "button_interaction",
        "task_id": "picture-1",
        "source": {"desc": "服务任务"},
        "main_title": {"title": "应急事件 · 石家庄市长安区", "desc": "紧急 · 11月23日 18:00 前完成"},
        "sub_title_text": "【任务发布】：【林敏】有一条【紧急】的【应急事件】任务，"
        "请于【2026-11-23 18:00】前完成并在长天长平台上的待办任务中办结任务。",
        "horizontal_content_list": [{"keyname": "行政区划", "value": "河北省石家庄市长安区"}],
        "button_list": [{"text": "去反馈", "style": 1, "key": "a"}, {"text": "办结", "style": 2, "key": "b"}],
    }
    text = {
        "content": "【催办提醒】：【王强】有一条【应急事件】任务还未完成，"
        "请于【2026-11-23 18:00】前尽快完成并在长天长平台上的待办任务中办结任务。"
    }
    return [
        {"touser": "wangqiang", "msgtype": "text", "text": text},
        {"touser": "wangqiang", "msgtype": "template_card", "template_card": card},
        {"touser": "linmin", "msgtype": "text", "text": {"content": "【任务完成】：【王强】已办结。"}},
        {
            "touser": "wangqiang|zhanghuishibai",
            "msgtype": "text",
            "text": {"content": "明天上午巡检机房，请提前确认值班。"},
        },
        {"touser": "zhanghuishibai", "msgtype": "text", "text": {"content": "请确认收到。"}},
        {"touser": "libeixianliu", "msgtype": "text", "text": {"content": "请确认收到。"}},
    ]


if __name__ == "__main__":
    sys.exit(main())
