"""Static files: a content hash in the URL, kept for ever by the browser."""

import gzip
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from h5.frame.rights import open_to_all

FOLDER = Path(__file__).parents[1] / "static"
FOR_EVER = "public, max-age=31536000, immutable"
SERVED = {".css", ".js", ".svg", ".png", ".ico", ".webmanifest"}


@dataclass
class Asset:
    """One file, read once."""

    name: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        """Changes with the content."""
        return sha256(self.content).hexdigest()[:12]

    @cached_property
    def zipped(self) -> bytes:
        """For browsers that accept gzip, which is all of them."""
        return gzip.compress(self.content, 9, mtime=0)

    @property
    def mimetype(self) -> str:
        """What the browser is told it is."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


class Assets:
    """Everything under `h5/static`, by its name there."""

    def __init__(self, folder: Path = FOLDER) -> None:
        files = [file for file in folder.rglob("*") if file.is_file() and file.suffix in SERVED]
        names = {file: file.relative_to(folder).as_posix() for file in files}
        self.by_name = {name: Asset(name, file.read_bytes()) for file, name in names.items()}
        self._urls: dict[str, str] = {}

    def url(self, name: str) -> str:
        """The address of a file, different after every change of it."""
        if name not in self._urls:
            if name not in self.by_name:
                raise RuntimeError(f"h5/static/{name} is missing: run `make setup`")
            self._urls[name] = f"/static/{self.by_name[name].digest}/{name}"
        return self._urls[name]


def init_app(app: Flask) -> None:
    """Serve the files and give templates `asset(name)`."""
    assets = Assets()
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = assets.url

    @app.get("/static/<digest>/<path:name>", endpoint="static")
    @open_to_all
    def static(digest: str, name: str) -> Response:
        asset = assets.by_name.get(name)
        if asset is None:
            raise NotFound
        response = Response(mimetype=asset.mimetype)
        response.vary.add("Accept-Encoding")
        # A page from before an update may still ask by the old hash: it gets today's file, not kept.
        response.headers["Cache-Control"] = FOR_EVER if digest == asset.digest else "no-cache"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.headers["Content-Encoding"] = "gzip"
            response.set_data(asset.zipped)
        else:
            response.set_data(asset.content)
        return response
