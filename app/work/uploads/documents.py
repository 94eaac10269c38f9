"""Tells PDF and Office files by their structure, and refuses macros and zip bombs (X-S10)."""

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

from app.errors import BadInput

MOST_MEMBERS = 10_000
MOST_UNPACKED = 300 * 1024 * 1024  # bytes
MOST_RATIO = 200  # unpacked : packed; sheets of repeated cells reach 100
LONGEST_LIST_OF_PARTS = 2 * 1024 * 1024
PARTS = "[Content_Types].xml"
MACROS = re.compile(r"vbaProject|vbaData|/macrosheets/|/activeX/", re.IGNORECASE)
MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject|ms-excel\.macrosheet|ms-office\.activeX", re.IGNORECASE)
ENCRYPTED = 0x1

BROKEN = "文件已损坏，请重新导出后再上传。"
NOT_OFFICE = "压缩包不能上传，请直接上传里面的图片、PDF 或 Office 文件（docx、xlsx、pptx）。"
WITH_MACROS = "带宏的 Office 文件不能上传，请另存为不带宏的 docx、xlsx 或 pptx 后再上传。"
BOMB = "文件解压后过大：{what}，最多 {most}，请拆分后再上传。"

OPEN_XML = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Office:
    """One of the three kinds of Office files."""

    extension: str
    main_part: str
    mime: str


KINDS = (
    Office("docx", "word/document.xml", OPEN_XML + "wordprocessingml.document"),
    Office("xlsx", "xl/workbook.xml", OPEN_XML + "spreadsheetml.sheet"),
    Office("pptx", "ppt/presentation.xml", OPEN_XML + "presentationml.presentation"),
)


def accepted(*extensions: str) -> str:
    """What a file field names as `accept`: endings, and the MIME types that alone some Android pickers know."""
    mimes = {kind.extension: kind.mime for kind in KINDS} | {"pdf": "application/pdf"}
    return ",".join(f".{extension},{mimes[extension]}" for extension in extensions)


def require_whole_pdf(content: bytes) -> None:
    """Refuse a PDF that was cut off on the way."""
    if b"%%EOF" not in content[-2048:]:
        raise BadInput("PDF 不完整，请重新导出或重新选择后再上传。")


def office_kind(content: bytes) -> Office:
    """Which Office file these bytes are; nothing but its list of parts is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _refuse_bomb(archive.infolist(), len(content))
            return _kind_of(archive)
    except BadInput:
        raise
    except Exception:  # whatever broken bytes lead zipfile to
        raise BadInput(BROKEN) from None


def _refuse_bomb(members: list[zipfile.ZipInfo], length: int) -> None:
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    if packed > length:
        raise BadInput(BROKEN)  # members that lie on top of each other
    if len(members) > MOST_MEMBERS:
        raise BadInput(BOMB.format(what=f"有 {len(members)} 个部分", most=f"{MOST_MEMBERS} 个"))
    if unpacked > MOST_UNPACKED:
        raise BadInput(BOMB.format(what=f"{unpacked >> 20} MB", most=f"{MOST_UNPACKED >> 20} MB"))
    if unpacked > MOST_RATIO * max(packed, 1):
        times = unpacked // max(packed, 1)
        raise BadInput(BOMB.format(what=f"是压缩时的 {times} 倍", most=f"{MOST_RATIO} 倍"))


def _kind_of(archive: zipfile.ZipFile) -> Office:
    members = archive.namelist()
    if PARTS not in members:
        raise BadInput(NOT_OFFICE)
    if any(member.flag_bits & ENCRYPTED for member in archive.infolist()):
        raise BadInput("加密的文件无法接收，请去掉密码后再上传。")
    with archive.open(PARTS) as part:
        types = part.read(LONGEST_LIST_OF_PARTS)
    # UTF-16 is allowed there; without the zero bytes it reads like UTF-8.
    if MACRO_TYPES.search(types.replace(b"\0", b"")) or any(MACROS.search("/" + name) for name in members):
        raise BadInput(WITH_MACROS)
    found = next((kind for kind in KINDS if kind.main_part in members), None)
    if found is None:
        raise BadInput(NOT_OFFICE)
    return found
