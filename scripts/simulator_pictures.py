"""Take the pictures of the stand-in: every kind of message, the clients and the desk, light and dark.

`python scripts/simulator_pictures.py` writes docs/pictures/simulator-*.png; it needs Chromium and a Chinese font.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BOTH = ("light", "dark")
# (file name, path, width, height, whole page, themes)
PAGES = (
    ("members", "/", 1280, 860, False, BOTH),
    ("messages", "/gallery", 1760, 900, True, BOTH),
    ("messages-phone", "/gallery", 390, 844, True, BOTH),
    ("phone", "/phone/wangqiang#chat", 390, 844, False, BOTH),
    ("desktop", "/desktop/wangqiang#chat", 1280, 900, False, BOTH),
    ("desk", "/desk", 1280, 860, False, BOTH),
)


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        port, program = start(Path(folder))
        try:
            fill(f"http://127.0.0.1:{port}")
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for name, path, width, height, whole, themes in PAGES:
                for theme in themes:
                    page = open_page(browser, theme, width, height)
                    page.goto(f"http://127.0.0.1:{port}{path}")
                    page.wait_for_timeout(1200)
                    page.screenshot(path=TARGET / f"simulator-{name}-{theme}.png", full_page=whole)
                    page.close()
            browser.close()
        finally:
            program.terminate()
            program.wait(timeout=10)


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
    for message in messages():
        body = {"agentid": 1000002, **message}
        requests.post(
            f"{base}/cgi-bin/message/send", params={"access_token": token}, json=body, timeout=5
        ).raise_for_status()


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
        {"touser": "wangqiang|zhanghuishibai", "msgtype": "text", "text": {"content": "部分接收人无效"}},
        {"touser": "zhanghuishibai", "msgtype": "text", "text": {"content": "接收人无效"}},
        {"touser": "libeixianliu", "msgtype": "text", "text": {"content": "偶尔限流"}},
    ]


if __name__ == "__main__":
    main()
