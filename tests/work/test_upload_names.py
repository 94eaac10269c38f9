"""Names of files: shown, but never obeyed (X-S10, X-S11)."""

import pytest

from app.work.uploads.names import cleaned, disposition, spoken


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("现场 照片.JPEG", "现场 照片.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\王强\\a.png", "a.jpg"),
        ("a\0b\r\nc.jpg", "abc.jpg"),
        ("gpj.\u202etxt.exe", "gpj.txt.exe.jpg"),
        ('a<b>:"|?*.jpg', "a_b______.jpg"),
        ("", "文件.jpg"),
        ("...", "文件.jpg"),
        (".jpg", "文件.jpg"),
        ("长" * 300 + ".jpg", "长" * 80 + ".jpg"),
        ("e\u0301.jpg", "\u00e9.jpg"),
        ("\ud800.jpg", "文件.jpg"),
    ],
)
def test_a_name_keeps_what_people_read_and_ends_in_what_the_file_is(given, kept):
    assert cleaned(given, extension="jpg") == kept


def test_the_header_carries_the_chinese_name_and_an_ascii_one():
    header = disposition('验收 "单".pdf', inline=False)

    assert header.startswith(
        "attachment; filename=\"attachment.pdf\"; filename*=UTF-8''%E9%AA%8C%E6%94%B6%20%22"
    )
    assert header.isascii()


def test_nothing_in_a_name_can_end_the_header():
    header = disposition("a\r\nSet-Cookie: x=1; filename=evil.html", inline=True)

    assert "\r" not in header
    assert header.count("filename=") == 1 + header.count("filename=evil")
    assert header.startswith('inline; filename="attachment.')


def test_a_long_name_is_quoted_short():
    assert len(spoken("a" * 300 + ".docx")) == 38
    assert spoken("\u202e") == "文件"
