"""The embedded server around an application that is a few lines long: no Django, no database.

`python -m tests.services.tiny PORT FOLDER SILENCE GRACE` serves FOLDER/images at /images/ and FOLDER/static at
/static/, and is as patient with slow bodies as the last two say (seconds, see server/request_body.py).
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from server.application import Application
from server.connections import Connections
from server.public_files import WEBSITE_TYPES, Folder, PublicFiles
from server.request_body import Receiver
from server.supervisor import allow_many_files

MAX_BYTES = 2 * 1024 * 1024
MOST_CONNECTIONS = 100

FOLDER = Path(sys.argv[2] if len(sys.argv) > 2 else ".")

Start = Callable[[str, list[tuple[str, str]]], Any]


class Closed:
    """A response body that leaves a file behind when it is closed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    def close(self) -> None:
        (FOLDER / "closed").touch()


class Made(Closed):
    """A response body of 40 MB that is made while it is sent, and writes down how far it came."""

    streaming = True

    def __init__(self) -> None:
        super().__init__(self._make())

    def _make(self) -> Iterator[bytes]:
        for number in range(400):
            (FOLDER / "made").write_text(str(number + 1))
            yield bytes([number % 251]) * 100_000


def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """A few paths, one for each thing that a server can get wrong."""
    path = environ["PATH_INFO"]
    if path == "/environ":
        values = {key: value for key, value in environ.items() if isinstance(value, str | bool)}
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(values).encode()]
    if path == "/body":
        digest, size = hashlib.sha256(), 0
        while piece := environ["wsgi.input"].read(65536):
            digest.update(piece)
            size += len(piece)
        values = {
            "size": size,
            "sha256": digest.hexdigest(),
            "declared": environ.get("CONTENT_LENGTH"),
            "too_large": environ.get("vitrine.body_too_large", False),
        }
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(values).encode()]
    if path == "/kept":
        size = sum(len(piece) for piece in iter(lambda: environ["wsgi.input"].read(65536), b""))
        (FOLDER / "kept").write_text(f"{size} of {environ.get('CONTENT_LENGTH')}")
        start("200 OK", [])
        return [b"kept"]
    if path == "/cookies":
        start("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Odd", "a\r\nb: c")])
        return [b"two"]
    if path == "/large":
        start("200 OK", [("Content-Type", "text/plain")])
        return Closed(bytes([65 + i]) * 100_000 for i in range(26))
    if path == "/made":
        start("200 OK", [("Content-Type", "application/zip")])
        return Made()
    if path == "/file":
        file = (FOLDER / "images" / "cat.jpg").open("rb")
        file.seek(int(environ["QUERY_STRING"] or 0))
        start("200 OK", [("Content-Type", "image/jpeg")])
        return environ["wsgi.file_wrapper"](file)
    if path == "/nothing":
        start("204 No Content", [])
        return Closed([])
    if path == "/fault":
        raise RuntimeError("on purpose")
    if path == "/fault-half-way":
        start("200 OK", [])
        return Closed(1 // i and b"" for i in (1, 0))
    if path == "/sleep":
        time.sleep(0.5)
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"fallen through to the application"]


def application() -> Application:
    """The same parts as the site's, with small limits."""
    (FOLDER / "tmp").mkdir(exist_ok=True)
    silence, grace = map(float, sys.argv[3:5])
    return Application(
        answer,
        PublicFiles(
            [
                Folder("/images/", FOLDER / "images"),
                Folder("/static/", FOLDER / "static", hashed=True),
            ],
            WEBSITE_TYPES | {"jpg": "image/jpeg"},
        ),
        Receiver(
            FOLDER / "tmp",
            MAX_BYTES,
            silence=silence,
            grace=grace,
            is_full=(FOLDER / "full").exists,
        ),
        folder=FOLDER / "tmp",
        threads=2,
        keeps=lambda path: path == "/kept",
        connections=Connections(port=int(sys.argv[1]), most=MOST_CONNECTIONS),
    )


if __name__ == "__main__":
    allow_many_files()
    Server(
        "tests.services.tiny:application",
        factory=True,
        interface=Interfaces.RSGI,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        workers=1,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()
