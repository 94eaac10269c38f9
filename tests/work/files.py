"""Files as people and attackers upload them, made on the spot."""

import zipfile
import zlib
from io import BytesIO

from PIL import Image

from app.db import transaction
from app.people.models import Person
from app.tasks.models import PointTask
from app.work import attachments, history
from app.work.models import Attachment
from app.work.uploads.cleaning import Upload

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
HIDDEN = b"secret-camera-owner"


def upload(content: bytes, name: str = "现场.jpg") -> Upload:
    """`content` as a browser sends it."""
    return Upload(name, BytesIO(content))


def attach(row: PointTask, *uploads: Upload, by: Person) -> list[Attachment]:
    """Attach files to a row, as a use case does it; returns all of the row's."""
    row_id = row.id
    with attachments.receive(uploads, by=by) as received, transaction() as current:
        event = history.record(current, row, "feed_back", by=by, files=attachments.uids(received))
        attachments.store(current, received, event)
    return attachments.of("point_task", row_id)


def picture(
    width: int = 40, height: int = 20, *, how: str = "JPEG", mode: str = "RGB", **options: object
) -> bytes:
    """A picture, red on its left half and blue on its right."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    return encoded(image.convert(mode), how, **options)


def photo(width: int = 2400, height: int = 1800) -> bytes:
    """What a phone sends: lying on its side (EXIF 6), with its place, its owner and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = HIDDEN.decode()
    exif.get_ifd(0x8825)[2] = (38.0, 2.0, 30.0)
    return picture(width, height, exif=exif, comment=HIDDEN, quality=90)


def encoded(image: Image.Image, how: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, how, **options)
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises this size."""
    size = width.to_bytes(4) + height.to_bytes(4)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size + b"\x08\x02\0\0\0") + _chunk(b"IDAT", zlib.compress(b""))
    )


def png_of(
    width: int, height: int, colours: int, depth: int, rows: bytes, *, transparent: bytes = b""
) -> bytes:
    """A PNG of this colour type and depth, which Pillow would not write; `rows` as they are stored."""
    head = width.to_bytes(4) + height.to_bytes(4) + bytes([depth, colours, 0, 0, 0])
    length = len(rows) // height
    filtered = b"".join(b"\0" + rows[at : at + length] for at in range(0, len(rows), length))
    parts = _chunk(b"IHDR", head) + (_chunk(b"tRNS", transparent) if transparent else b"")
    return b"\x89PNG\r\n\x1a\n" + parts + _chunk(b"IDAT", zlib.compress(filtered)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def office(extension: str = "docx", *, types: str = "<Types/>", **members: bytes) -> bytes:
    """An Office file; `members` come on top, `__` standing for a slash and `_dot_` for a dot."""
    parts = {"[Content_Types].xml": types.encode(), MAIN_PARTS[extension]: b"<xml/>"}
    parts |= {name.replace("__", "/").replace("_dot_", "."): content for name, content in members.items()}
    return packed(parts)


def packed(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()
