"""Takes in one uploaded file: decides by its content what it is, and refuses everything else (X-S10)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import IO

from app.errors import BadInput
from app.work.uploads import documents, images, names

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE

HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
AVIF_BRANDS = (b"avif", b"avis")
HEIC = (
    "这是 HEIC 格式的照片，系统打不开。请在相册中选择 JPEG 格式的照片，"
    "或在手机“设置 - 相机 - 格式”里改为“兼容性最佳”后重新拍摄。"
)
OLD_OFFICE = "旧版或加密的 Office 文件无法接收，请去掉密码并另存为 docx、xlsx 或 pptx 后再上传。"
OTHER_IMAGE = "暂不支持 {}，请换成 JPEG 或 PNG 图片后再上传。"
OTHER = (
    "只能上传图片（JPEG、PNG、WebP、GIF、BMP、AVIF）、PDF 和 Office 文件（docx、xlsx、pptx），请换一个文件。"
)
PICTURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
)


@dataclass(frozen=True)
class Upload:
    """One file as the browser sent it; nothing about it is to be believed."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Clean:
    """What is kept of an upload. Pictures have been drawn anew, with a small copy for lists."""

    name: str
    kind: str  # image, pdf or office
    mime: str
    content: bytes
    thumb: bytes | None = None
    width: int | None = None
    height: int | None = None


def clean(upload: Upload) -> Clean:
    """The upload in the form it is kept in; BadInput with a sentence that says what to do instead."""
    content = upload.stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadInput(f"超过 {MOST_BYTES // MEGABYTE} MB，请压缩或拆分后再上传。")
    if not content:
        raise BadInput("文件是空的，请重新选择。")
    return _reader_of(content)(upload.name, content)


def _reader_of(content: bytes) -> Callable[[str, bytes], Clean]:
    """How to read what begins like this."""
    kind = _picture_kind(content)
    if kind is not None:
        return partial(_image, kind)
    if content.startswith(b"%PDF-"):
        return _pdf
    if content.startswith(b"PK\x03\x04"):
        return _office
    raise BadInput(_why_not(content))


def _picture_kind(content: bytes) -> str | None:
    """What pictures that begin like this are called, of those that can be read."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WebP"
    if any(brand in AVIF_BRANDS for brand in _brands(content)):
        return "AVIF"
    return next((kind for head, kind in PICTURES if content.startswith(head)), None)


def _brands(content: bytes) -> list[bytes]:
    """What an ISO file says it can be read as: its own brand, then those it is compatible with."""
    if content[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(content[:4]), 256)
    return [content[8:12]] + [content[at : at + 4] for at in range(16, end - 3, 4)]


def _image(kind: str, name: str, content: bytes) -> Clean:
    drawn = images.redraw(content, kind=kind)
    return Clean(
        name=names.cleaned(name, extension="jpg", default="照片"),
        kind="image",
        mime="image/jpeg",
        content=drawn.content,
        thumb=drawn.thumb,
        width=drawn.width,
        height=drawn.height,
    )


def _pdf(name: str, content: bytes) -> Clean:
    documents.require_whole_pdf(content)
    return Clean(names.cleaned(name, extension="pdf"), "pdf", "application/pdf", content)


def _office(name: str, content: bytes) -> Clean:
    found = documents.office_kind(content)
    return Clean(names.cleaned(name, extension=found.extension), "office", found.mime, content)


def _why_not(content: bytes) -> str:
    if any(brand in HEIC_BRANDS for brand in _brands(content)):
        return HEIC
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return OLD_OFFICE
    for head, name in (
        (b"II*\0", "TIFF 图片"),
        (b"MM\0*", "TIFF 图片"),
    ):
        if content.startswith(head):
            return OTHER_IMAGE.format(name)
    return OTHER
