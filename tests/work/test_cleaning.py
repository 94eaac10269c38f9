"""What may be uploaded, and what becomes of it (X-S10)."""

import zipfile
from io import BytesIO

import pytest
from PIL import Image

from app.errors import BadInput
from app.work.uploads import cleaning, documents, images
from app.work.uploads.cleaning import clean
from tests.work import files
from tests.work.files import office, photo, picture, upload


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_a_photo_comes_out_upright_smaller_and_without_what_the_camera_hid_in_it():
    kept = clean(upload(photo(2400, 1800), "IMG_0001.JPG"))

    assert (kept.kind, kept.mime, kept.name) == ("image", "image/jpeg", "IMG_0001.jpg")
    assert (kept.width, kept.height) == (1200, 1600)
    assert opened(kept.content).size == (1200, 1600)
    left, right = opened(kept.content).getpixel((600, 100)), opened(kept.content).getpixel((600, 1500))
    assert (left[0] > 200, right[2] > 200) == (True, True), "red is on top once the photo stands upright"
    for content in (kept.content, kept.thumb):
        assert files.HIDDEN not in content
        assert not opened(content).getexif()
        assert not {"exif", "comment", "xmp"} & opened(content).info.keys()


def test_a_small_copy_for_lists_is_made_and_small_pictures_are_not_blown_up():
    kept = clean(upload(picture(1000, 500)))

    assert (kept.width, kept.height) == (1000, 500)
    assert opened(kept.thumb).size == (320, 160)


@pytest.mark.parametrize(
    "content",
    [
        picture(how="PNG"),
        picture(how="PNG", mode="P"),
        picture(how="PNG", mode="1"),
        picture(how="PNG", mode="L"),
        picture(how="WEBP"),
        picture(mode="CMYK"),
        picture(progressive=True),
        picture(1, 1),
    ],
)
def test_every_way_a_picture_is_stored_becomes_a_plain_jpeg(content):
    kept = clean(upload(content, "a.png"))

    assert kept.name == "a.jpg"
    assert (opened(kept.content).format, opened(kept.content).mode) == ("JPEG", "RGB")


def test_what_was_transparent_is_white():
    transparent = files.encoded(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG")

    assert opened(clean(upload(transparent)).content).getpixel((5, 5)) == (255, 255, 255)


def test_the_further_pictures_of_a_phone_photo_are_dropped():
    first, second = opened(picture(how="PNG")), opened(picture(how="PNG"))
    several = files.encoded(first, "MPO", save_all=True, append_images=[second])

    assert opened(clean(upload(several)).content).format == "JPEG"


def test_a_page_hidden_behind_a_picture_does_not_come_out_again():
    polyglot = picture() + b"<script>alert(1)</script>"

    assert b"<script>" not in clean(upload(polyglot, "x.html")).content


@pytest.mark.parametrize("size", [(20_000, 20_000), (7_000, 7_000), (60_000, 1_000_000)])
@pytest.mark.proves("X-S10")
def test_a_picture_bomb_is_refused_before_it_is_decoded(size):
    with pytest.raises(BadInput, match="长宽太大"):
        clean(upload(files.png_that_claims(*size)))


def test_a_jpeg_of_thousands_of_scans_is_refused():
    with pytest.raises(BadInput, match="已损坏"):
        images.redraw(picture() + b"\xff\xda" * 1000)


@pytest.mark.parametrize(
    "content",
    [photo()[:3000], b"\xff\xd8\xff\xe0 not a picture", b"\x89PNG\r\n\x1a\n", picture(how="WEBP")[:20]],
)
def test_a_broken_picture_is_refused(content):
    with pytest.raises(BadInput, match="图片已损坏"):
        clean(upload(content))


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx"])
def test_office_files_are_told_by_what_is_inside(extension):
    kept = clean(upload(office(extension), "方案.zip"))

    assert (kept.kind, kept.name) == ("office", f"方案.zip.{extension}")
    assert kept.mime.startswith("application/vnd.openxmlformats-officedocument.")
    assert kept.thumb is None


def test_a_pdf_is_kept_as_it_is():
    kept = clean(upload(files.PDF, "验收单.PDF"))

    assert (kept.kind, kept.mime, kept.name, kept.content) == (
        "pdf",
        "application/pdf",
        "验收单.pdf",
        files.PDF,
    )


@pytest.mark.parametrize(
    "content",
    [
        office(word__vbaProject_dot_bin=b"x"),
        office("xlsx", xl__macrosheets__sheet1_dot_xml=b"x"),
        office("pptx", ppt__activeX__activeX1_dot_bin=b"x"),
        office(types="application/vnd.ms-word.document.macroEnabled.main+xml"),
        office("xlsx", types="application/vnd.ms-excel.sheet.macroenabled.main+xml"),
    ],
)
def test_macros_are_refused_whatever_the_name_says(content):
    with pytest.raises(BadInput, match="带宏"):
        clean(upload(content, "表.xlsx"))


def test_macros_are_found_in_a_list_of_parts_written_as_utf_16():
    types = "<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>".encode("utf-16")
    content = files.packed({"[Content_Types].xml": types, "word/document.xml": b"x"})

    with pytest.raises(BadInput, match="带宏"):
        clean(upload(content))


def test_a_zip_bomb_is_refused_without_unpacking_it():
    with pytest.raises(BadInput, match=r"解压后过大：是压缩时的 .* 倍，最多 200 倍"):
        clean(upload(office(word__media__a=b"\0" * 5_000_000)))


def test_members_that_lie_on_top_of_each_other_are_refused():
    content = bytearray(office(word__a=bytes(range(256)) * 20))
    at = content.rindex(b"PK\x01\x02") + 20
    content[at : at + 4] = (50_000).to_bytes(4, "little")

    with pytest.raises(BadInput, match="已损坏"):
        clean(upload(bytes(content)))


def test_too_many_members_are_refused(monkeypatch):
    monkeypatch.setattr(documents, "MOST_MEMBERS", 3)

    with pytest.raises(BadInput, match="解压后过大：有 4 个部分，最多 3 个"):
        clean(upload(office(a=b"1", b=b"2")))


def test_an_encrypted_member_is_refused():
    content = bytearray(office())
    content[content.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(BadInput, match="去掉密码"):
        clean(upload(bytes(content)))


def test_a_cut_off_archive_is_refused():
    with pytest.raises(BadInput, match="已损坏"):
        clean(upload(office()[:-30]))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "在相册中选择 JPEG"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF 图片已损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old word", "另存为 docx"),
        (b"GIF89a", "GIF 图片已损坏"),
        (b"BM1234", "BMP 图片已损坏"),
        (b"II*\0", "暂不支持 TIFF 图片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "只能上传图片"),
        (b"<!doctype html><script>alert(1)</script>", "只能上传图片"),
        (b"MZ\x90\0", "只能上传图片"),
        (b"\0\0\0\x18ftypmp42", "只能上传图片"),
        (files.packed({"a.txt": b"1"}), "压缩包不能上传"),
        (files.packed({"[Content_Types].xml": b"<Types/>", "3D/model.xml": b""}), "压缩包不能上传"),
        (b"%PDF-1.7 cut off", "PDF 不完整"),
        (b"", "文件是空的"),
        (b"x" * (cleaning.MOST_BYTES + 1), "超过 10 MB"),
    ],
)
@pytest.mark.proves("X-S10")
def test_everything_else_is_refused_with_what_to_do(content, sentence):
    with pytest.raises(BadInput, match=sentence):
        clean(upload(content, "照片.jpg"))


def test_a_zip_with_something_in_front_is_not_an_office_file():
    with pytest.raises(BadInput, match="只能上传图片"):
        clean(upload(b"<html>" + office()))
    assert zipfile.is_zipfile(BytesIO(b"<html>" + office()))
