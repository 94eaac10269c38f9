"""Opens an .xlsx file and hands on the parts that cells are made of, in a package that openpyxl takes.

Excel and WPS open files whose styles, names of parts or extensions openpyxl
refuses. None of that matters for reading: of the styles only the number
formats are kept, of a sheet only its cells.
"""

import posixpath
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from app.errors import BadInput
from app.sheets import marks
from app.sheets.marks import Hostile, Marks

MOST_BYTES = 10_000_000
MOST_UNPACKED = 100_000_000  # a file that unpacks to more than this is an attack or a mistake
MOST_PARTS = 500

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STRICT = {  # the same words under the names that “Strict Open XML” gives them
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": MAIN.encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": RELATIONS.encode(),
}
SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后再试"
NOT_XLSX = f"这不是 .xlsx 文件（.xls、.et、.csv 和加密的文件都不行），{SAVE_AS}。"
UNREADABLE = f"这个文件的写法读不出来，{SAVE_AS}。"
HOSTILE = "文件内容异常（展开后过大或含有外部定义），请把数据复制到新的模板里再试。"


@dataclass(frozen=True)
class Sheet:
    """A sheet of the package; `path` is where it lies in it."""

    title: str
    hidden: bool
    marks: Marks
    path: str


def repacked(file: Path, titles: Collection[str]) -> tuple[IO[bytes], list[Sheet]]:
    """The sheets whose titles, blanks aside, are among `titles`, as a package of just their cells.

    Raises BadInput where `file` is no usable .xlsx file.
    """
    if file.stat().st_size > MOST_BYTES:
        raise BadInput(f"文件超过 {MOST_BYTES // 1_000_000} MB，请删去图片等无关内容或分成几个文件。")
    try:
        with zipfile.ZipFile(file) as archive:
            return _repacked(_Parts(archive), titles)
    # What zipfile raises for what is no zip, is packed in a way it does not know, or is encrypted: all refused alike.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise BadInput(NOT_XLSX) from None
    except Hostile:
        raise BadInput(HOSTILE) from None
    except (KeyError, ValueError, expat.ExpatError, ElementTree.ParseError) as error:
        raise BadInput(UNREADABLE) from error


class _Parts:
    """The parts of a file by name; as Excel does, without minding case or which way slashes lean."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
            raise Hostile
        self._named = {_plain(part.filename): part for part in parts}
        if any(self._declares_entities(part) for part in parts):
            raise Hostile

    def _declares_entities(self, part: zipfile.ZipInfo) -> bool:
        """True for XML with a DOCTYPE, which no spreadsheet program writes."""
        with self._archive.open(part) as content:
            return b"<!DOCTYPE" in content.read(2048)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._named

    def read(self, name: str) -> bytes:
        """The content of a part; KeyError where there is none."""
        content = self._archive.read(self._named[_plain(name)])
        for strict, usual in STRICT.items():
            content = content.replace(strict, usual)
        return content

    def tree(self, name: str) -> ElementTree.Element:
        """The content of a part of XML."""
        content = self.read(name)
        if b"<!DOCTYPE" in content:
            raise Hostile
        return ElementTree.fromstring(content)  # noqa: S314 (without declarations there is nothing to expand)

    def targets(self, name: str) -> dict[str, tuple[str, str]]:
        """Id → (last word of the type, part) of what a part refers to."""
        folder, own = posixpath.split(name)
        relations = f"{folder}/_rels/{own}.rels".lstrip("/")
        if relations not in self:
            return {}
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))),
            )
            for one in self.tree(relations)
        }


def _plain(name: str) -> str:
    return name.replace("\\", "/").lower().lstrip("/")


def _repacked(parts: _Parts, titles: Collection[str]) -> tuple[IO[bytes], list[Sheet]]:
    book = next((part for kind, part in parts.targets("").values() if kind == "officeDocument"), "")
    if book.endswith(".bin"):
        raise BadInput(f"这是 .xlsb 文件，{SAVE_AS}。")
    if not book or book not in parts:
        raise BadInput(NOT_XLSX)
    tree, targets = parts.tree(book), parts.targets(book)
    package = BytesIO()
    sheets = []
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as out:
        for number, (title, hidden, part) in enumerate(_sheets(tree, targets, titles), start=1):
            content = parts.read(part)
            found = marks.read(content)
            path = f"xl/worksheets/sheet{number}.xml"
            out.writestr(path, _cells(content, found))
            sheets.append(Sheet(title, hidden, found, path))
        of_kind = dict(targets.values())
        strings = of_kind.get("sharedStrings", "")
        if strings in parts:
            parts.tree(strings)  # refuses what it declares
            out.writestr("xl/sharedStrings.xml", parts.read(strings))
        if of_kind.get("styles", "") in parts:
            out.writestr("xl/styles.xml", _number_formats(parts.tree(of_kind["styles"])))
        _bind(out, sheets, with_strings=strings in parts, since_1904=_since_1904(tree))
    package.seek(0)
    return package, sheets


def _sheets(
    book: ElementTree.Element, targets: dict[str, tuple[str, str]], titles: Collection[str]
) -> Iterator[tuple[str, bool, str]]:
    for sheet in book.iter(f"{{{MAIN}}}sheet"):
        title = sheet.get("name", "").strip()
        kind, part = targets[sheet.get(f"{{{RELATIONS}}}id", "")]
        if title in titles and kind == "worksheet":
            yield title, sheet.get("state", "visible") != "visible", part


def _since_1904(book: ElementTree.Element) -> bool:
    settings = book.find(f"{{{MAIN}}}workbookPr")
    return settings is not None and settings.get("date1904") in ("1", "true")


def _cells(content: bytes, found: Marks) -> bytes:
    """The sheet without all that surrounds its cells: openpyxl would read that, too, and stumble over it."""
    first, last = found.cells
    root = content.find(b"<", content.find(b"?>") + 1 if content.lstrip().startswith(b"<?xml") else 0)
    if b"\x00" in content[:200] or not first < last:  # UTF-16, or no cells at all: as it is
        return content
    head = content[root : content.index(b">", root) + 1]
    name = head[1:].split(maxsplit=1)[0].rstrip(b">")
    end = content.index(b">", last) + 1
    return b"".join((head, content[first:end], b"</", name, b">"))


def _number_formats(styles: ElementTree.Element) -> str:
    """The style sheet with number formats alone, by the same numbers."""
    tag = f"{{{MAIN}}}"
    formats = "".join(
        f"<numFmt numFmtId={quoteattr(one.get('numFmtId', '0'))} formatCode={quoteattr(one.get('formatCode', ''))}/>"
        for one in styles.iterfind(f"{tag}numFmts/{tag}numFmt")
    )
    cells = "".join(
        f"<xf numFmtId={quoteattr(one.get('numFmtId', '0'))} fontId='0' fillId='0' borderId='0'/>"
        for one in styles.iterfind(f"{tag}cellXfs/{tag}xf")
    )
    return (
        f"<styleSheet xmlns='{MAIN}'><numFmts>{formats}</numFmts><fonts><font/></fonts>"
        "<fills><fill><patternFill/></fill></fills><borders><border/></borders>"
        "<cellStyleXfs><xf numFmtId='0' fontId='0' fillId='0' borderId='0'/></cellStyleXfs>"
        f"<cellXfs>{cells}</cellXfs>"
        "<cellStyles><cellStyle name='Normal' xfId='0' builtinId='0'/></cellStyles></styleSheet>"
    )


def _bind(out: zipfile.ZipFile, sheets: list[Sheet], *, with_strings: bool, since_1904: bool) -> None:
    """The parts that say which parts there are."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = [("xl/workbook.xml", "sheet.main"), *((sheet.path, "worksheet") for sheet in sheets)]
    overrides += [("xl/sharedStrings.xml", "sharedStrings")] if with_strings else []
    types = "".join(
        f"<Override PartName='/{path}' ContentType='{kind}.{what}+xml'/>" for path, what in overrides
    )
    relations, listed = "", ""
    for number, sheet in enumerate(sheets, start=1):
        relations += f"<Relationship Id='r{number}' Type='{RELATIONS}/worksheet' Target='/{sheet.path}'/>"
        listed += f"<sheet name='{number}' sheetId='{number}' r:id='r{number}'/>"
    out.writestr("[Content_Types].xml", f"<Types xmlns='{PACKAGE}/content-types'>{types}</Types>")
    out.writestr(
        "xl/_rels/workbook.xml.rels",
        f"<Relationships xmlns='{PACKAGE}/relationships'>{relations}</Relationships>",
    )
    out.writestr(
        "xl/workbook.xml",
        f"<workbook xmlns='{MAIN}' xmlns:r='{RELATIONS}'><workbookPr date1904='{int(since_1904)}'/>"
        f"<sheets>{listed}</sheets></workbook>",
    )
