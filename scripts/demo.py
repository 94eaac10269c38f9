"""Starts everything on this machine: `make demo`, or `make demo-reset` to start over.

Standard library only; the three programs of the Procfile run under honcho, in
the virtual environment, with demo settings whatever `.env` says.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
PATIENCE_SECONDS = 60
STOP_SECONDS = 8  # honcho itself kills what is left after 5


def main() -> int:
    """Check, prepare, start, wait; the exit code is 0 after Ctrl-C."""
    parser = argparse.ArgumentParser(description="在本机启动演示")
    parser.add_argument("--check", action="store_true", help="只检查端口")
    parser.add_argument("--reset", action="store_true", help="先清空演示数据")
    parser.add_argument("--log", type=Path, default=VAR / "demo.log", help="三个程序的日志写到哪里")
    asked = parser.parse_args()
    began = time.monotonic()
    environment = demo_environment(os.environ)
    check_ports(environment)
    if asked.check:
        return 0
    VAR.mkdir(exist_ok=True)
    if asked.reset:
        reset(environment)
    prepare(environment)
    return run(environment, began, asked.log)


def demo_environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment of every program of the demo; what is set already wins."""
    if given.get("MODE", "demo") != "demo":
        stop("当前设置了 MODE=production，演示只能在 MODE=demo 下运行。请先执行 unset MODE。")
    environment = dict(given)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', '')}"
    environment["PORT"] = port = given.get("PORT") or "8000"
    environment["SIMULATOR_PORT"] = given.get("SIMULATOR_PORT") or "8001"
    environment.setdefault("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}")
    environment["MODE"] = "demo"
    environment["FLASK_APP"] = "wsgi"
    environment["FLASK_SKIP_DOTENV"] = "1"  # .env holds the settings of a real installation
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def check_ports(environment: Mapping[str, str]) -> None:
    """Stop with a sentence where a port cannot be used."""
    numbers = {}
    for name in ("PORT", "SIMULATOR_PORT"):
        text = environment[name]
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
            stop(f"{name} 应为 1 到 65535 之间的端口号，现在是 {text!r}。")
        numbers[name] = int(text)
    if numbers["PORT"] == numbers["SIMULATOR_PORT"]:
        stop(f"PORT 和 SIMULATOR_PORT 不能都是 {numbers['PORT']}，请换一个端口。")
    for port in numbers.values():
        if not is_free(port):
            stop(
                f"端口 {port} 已被占用，演示没有启动。\n"
                "如果是之前启动的演示，请在那个终端按 Ctrl-C 结束它；\n"
                "或者换两个端口：make demo PORT=8010 SIMULATOR_PORT=8011"
            )


def is_free(port: int) -> bool:
    """True where we can listen on this port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def reset(environment: Mapping[str, str]) -> None:
    """Forget everything the demo has written; a database elsewhere is not ours to empty."""
    for name in ("DATABASE_URL", "SIMULATOR_DB", "UPLOAD_DIR"):
        if environment.get(name):
            stop(f"设置了 {name}，它可能不是演示数据，不会清空。请先执行 unset {name}。")
    for pattern in ("app.db*", "simulator.db*", "clock-offset"):
        for file in VAR.glob(pattern):
            file.unlink()
    shutil.rmtree(VAR / "uploads", ignore_errors=True)
    say("已清空演示数据")


def prepare(environment: Mapping[str, str]) -> None:
    """Migrate and seed; both change nothing the second time."""
    say("正在准备数据……")
    seed = [sys.executable, "-m", "flask", "demo", "seed", "--upgrade"]
    if subprocess.run(seed, cwd=ROOT, env=environment, check=False).returncode:
        stop("演示数据没有准备好，原因见上。再次执行 make demo 会接着写，make demo-reset 会清空重来。")


def run(environment: Mapping[str, str], began: float, file: Path) -> int:
    """Start the programs, say where to look, and end all of them with us."""
    say("正在启动……")
    with file.open("wb") as log, ended_with_us(start_honcho(environment, log)) as honcho:
        wait_until_all_answer(environment, honcho, file)
        url = f"http://127.0.0.1:{environment['SIMULATOR_PORT']}/"
        say(f"已启动，用时 {time.monotonic() - began:.0f} 秒。请用浏览器打开：\n\n    {url}\n")
        say(f"按 Ctrl-C 结束。日志在 {short(file)}。")
        honcho.wait()
        fail(f"有程序意外退出，演示已结束（{honcho.returncode}）。", file)


def start_honcho(environment: Mapping[str, str], log: BinaryIO) -> subprocess.Popen[bytes]:
    """The programs of the Procfile, in a session of their own: only we hear Ctrl-C."""
    return subprocess.Popen(
        [sys.executable, "-m", "honcho", "-e", os.devnull, "start", "--no-colour"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@contextlib.contextmanager
def ended_with_us(honcho: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Stop honcho however we end: Ctrl-C, kill, a closed terminal, or an error."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, interrupted)
    try:
        yield honcho
    except KeyboardInterrupt:
        say("\n正在结束……")
    finally:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        end(honcho)
    say("已结束，数据保留在 var/ 中。")
    sys.exit(0)


def interrupted(_number: int, _frame: object) -> NoReturn:
    """Leave the waiting."""
    raise KeyboardInterrupt


def end(honcho: subprocess.Popen[bytes]) -> None:
    """Let honcho end its programs; it kills those that do not listen."""
    if honcho.poll() is None:
        honcho.terminate()
        try:
            honcho.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            honcho.kill()


def wait_until_all_answer(
    environment: Mapping[str, str], honcho: subprocess.Popen[bytes], file: Path
) -> None:
    """Return once the app, the scheduler and the stand-in are there."""
    app = f"http://127.0.0.1:{environment['PORT']}/readyz"
    phone = f"http://127.0.0.1:{environment['SIMULATOR_PORT']}/"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if honcho.poll() is not None:
            fail("启动失败。", file)
        if answers(phone) and is_ready(app):
            return
        time.sleep(0.1)
    fail(f"{PATIENCE_SECONDS} 秒内没有全部启动。", file)


def answers(url: str) -> bool:
    """True where something answers there."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - an address of ours
            return True
    except OSError:
        return False


def is_ready(url: str) -> bool:
    """True where the app has its database and has heard from the scheduler; a backlog is no obstacle."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - an address of ours
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        try:
            return bool(json.load(error)["checks"]["scheduler"] == "ok")
        except (ValueError, KeyError, TypeError):
            return False
    except OSError:
        return False


def fail(sentence: str, file: Path) -> NoReturn:
    """Show the end of the log and stop."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    stop("\n".join(lines[-25:]) + f"\n\n{sentence}以上是日志 {short(file)} 的最后几行。")


def short(file: Path) -> str:
    """The path as seen from the project's folder."""
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)


def stop(sentence: str) -> NoReturn:
    """Leave with a sentence and exit code 1."""
    sys.exit(sentence)


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("已中断。")
