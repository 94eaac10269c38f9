"""What every answer says to the browser, and the files that pages are made of."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from app.settings import Settings
from tests.h5.conftest import Open
from tests.production import in_production
from tests.visitor import Visitor
from wsgi import create_app

H5 = Path(__file__).resolve().parents[2] / "h5"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
in_memory = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@in_memory
def test_in_the_demo_only_the_stand_in_may_frame_us(client: Visitor, settings: Settings) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert policy == POLICY + settings.WECOM_OAUTH_BASE
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


@in_memory
@pytest.mark.proves("X-S19")
def test_in_production_nobody_may_frame_us_and_cookies_are_bound_to_the_host(database_url: str) -> None:
    client = create_app(in_production(database_url)).test_client()
    answer = client.get("/login", base_url="https://task.example.com")
    assert answer.headers["Content-Security-Policy"] == POLICY + "'none'"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-fwrw-round-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@in_memory
def test_in_production_no_frame_counts_as_inside_wecom(database_url: str) -> None:
    client = create_app(in_production(database_url)).test_client()
    framed = {"Sec-Fetch-Dest": "iframe"}
    answer = client.get("/login?inside=1", base_url="https://task.example.com", headers=framed)
    assert answer.headers["Location"].startswith("https://login.work.weixin.qq.com/wwlogin/sso/login?")


@in_memory
@pytest.mark.proves("X-S19")
def test_signed_in_pages_are_not_kept_and_nothing_is_guessed(browser_of: Open) -> None:
    headers = browser_of("王强").get("/").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@in_memory
def test_files_carry_their_hash_and_are_kept_for_ever(app: Flask, client: Visitor) -> None:
    address = app.extensions["assets"].url("frame/app.css")
    answer = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert re.fullmatch(r"/static/[0-9a-f]{12}/frame/app\.css", address)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert gzip.decompress(answer.data) == (H5 / "static" / "frame" / "app.css").read_bytes()


@in_memory
def test_an_old_hash_gets_todays_file_but_does_not_keep_it(client: Visitor) -> None:
    answer = client.get("/static/000000000000/frame/app.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@in_memory
@pytest.mark.parametrize(
    "name", ["../__init__.py", "..%2f__init__.py", "/etc/passwd", "vendor/weui.LICENSE.txt", ""]
)
def test_only_the_named_files_are_served(client: Visitor, name: str) -> None:
    assert client.get(f"/static/000000000000/{name}").status_code in (404, 308)


@pytest.mark.proves("X-S7")
def test_pages_hold_nothing_that_the_policy_would_block() -> None:
    for file in (H5 / "templates").rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:|<script(?![^>]*\ssrc=)", text), file.name
        assert "|safe" not in text, file.name
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text), file.name


@pytest.mark.proves("B-W1")
def test_the_first_view_stays_within_forty_two_kilobytes(app: Flask, browser_of: Open) -> None:
    """B-W1, its stretch: the page and every file it names, zipped."""
    page = browser_of("林敏").get("/tasks").text
    files = [app.extensions["assets"].by_name[name] for name in re.findall(r"/static/\w+/([^\"]+)", page)]
    assert {"vendor/weui.css", "vendor/htmx.min.js", "frame/app.css", "frame/app.js"} <= {
        file.name for file in files
    }
    assert len(gzip.compress(page.encode())) + sum(len(file.zipped) for file in files) <= 42 * 1024


def test_the_lock_file_holds_no_addresses() -> None:
    lock = (H5.parent / "package-lock.json").read_text(encoding="utf-8")
    assert "http" not in lock
    assert '"resolved"' not in lock
