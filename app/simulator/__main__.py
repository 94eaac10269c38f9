"""`python -m app.simulator [--organisation FILE] [--port N]`."""

import argparse
import os
import socket
import sys
from dataclasses import replace

from app.simulator.organisation import read_organisation
from app.simulator.server import serve
from app.simulator.settings import Settings, read_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.simulator", description="企业微信替身")
    parser.add_argument("--organisation", metavar="FILE", help="组织文件（默认用演示组织）")
    parser.add_argument("--port", type=int, help="端口（默认 SIMULATOR_PORT 或 8001）")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1）")
    asked = parser.parse_args()
    try:
        settings = read_settings(os.environ, organisation=asked.organisation, port=asked.port)
        read_organisation(settings.organisation)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    settings = replace(settings, host=asked.host)
    if _taken(settings):
        print(
            f"端口 {settings.port} 已被占用，请换一个：SIMULATOR_PORT={settings.port + 10}", file=sys.stderr
        )
        return 2
    print(f"企业微信替身：故障的随机种子是 {settings.seed}（SIMULATOR_SEED）", flush=True)
    serve(settings)
    return 0


def _taken(settings: Settings) -> bool:
    """Whether somebody listens there already; gunicorn would only try again and again."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
