"""Copy the few front-end files that pages name from node_modules to h5/static/vendor.

Run by `make setup` after `npm ci`. Each file keeps its package's licence beside
it; NOTICE lists them for readers.
"""

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "h5" / "static" / "vendor"
# Target → (package, its licence, the parts that pages use): weui's base and switch are 4 kB zipped, all of it 23.
FILES = {
    "weui.css": (
        "weui",
        "LICENSE.txt",
        ("dist/style/base/base.min.css", "dist/style/widget/weui-cell/weui-switch.min.css"),
    ),
    "htmx.min.js": ("htmx.org", "LICENSE", ("dist/htmx.min.js",)),
}


def main() -> int:
    """Copy everything; exit 1 with a sentence where a package is missing."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for target, (package, licence, parts) in FILES.items():
        source = MODULES / package
        missing = [part for part in (*parts, licence) if not (source / part).is_file()]
        if missing:
            print(
                f"找不到 {package} 的 {missing[0]}：请先运行 npm ci（make setup 会自动运行）", file=sys.stderr
            )
            return 1
        (VENDOR / target).write_bytes(b"\n".join((source / part).read_bytes() for part in parts))
        shutil.copyfile(source / licence, VENDOR / f"{package}.LICENSE.txt")
        about = json.loads((source / "package.json").read_text(encoding="utf-8"))
        print(f"{package} {about['version']} ({about['license']}) → h5/static/vendor/{target}")
    for leftover in set(VENDOR.glob("*.css")) | set(VENDOR.glob("*.js")):
        if leftover.name not in FILES:
            leftover.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
