"""Fixtures: the embedded server around a tiny application, and a plain client for it."""

from __future__ import annotations

import gzip
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.live import PATIENCE, ROOT, free_port
from tests.services.servers import postgres, redis

__all__ = ["postgres", "redis"]

PICTURE = bytes(range(256)) * 400
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@dataclass
class Answer:
    """What came back: headers by their lower-case names, those that came twice as a list in `all`."""

    status: int
    headers: dict[str, str]
    all: list[tuple[str, str]]
    data: bytes


@dataclass
class Tiny:
    """A running server: where it is, what it serves, and a client."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request over its own connection; header names are written with underscores."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=names)  # type: ignore[arg-type]
            response = connection.getresponse()
            pairs = [(name.lower(), value) for name, value in response.getheaders()]
            return Answer(response.status, dict(pairs), pairs, response.read())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """A connection to write bytes to as they are."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def left_over(self) -> list[str]:
        """The names in the folder of temporary files."""
        return sorted(path.name for path in (self.folder / "tmp").iterdir())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    """A server that waits for slow bodies longer than any test lasts."""
    with running(tmp_path_factory.mktemp("tiny"), silence=600, grace=600) as server:
        yield server


@contextmanager
def running(folder: Path, *, silence: float, grace: float) -> Iterator[Tiny]:
    """A server with files to serve in `folder`, with these timeouts, for a `with` block."""
    for name in ("images/2026/11/21", "static", "secret"):
        (folder / name).mkdir(parents=True)
    (folder / "images" / "cat.jpg").write_bytes(PICTURE)
    (folder / "images" / "2026" / "11" / "21" / "cat.jpg").write_bytes(PICTURE)
    (folder / "images" / "drawing.svg").write_bytes(DRAWING)
    (folder / "images" / "notes.unheard").write_bytes(b"<script>alert(1)</script>")
    (folder / "images" / "empty.jpg").touch()
    (folder / "images" / ".hidden.jpg").write_bytes(PICTURE)
    (folder / "static" / "site.css").write_text("a {}")
    (folder / "static" / "site.0123456789ab.css").write_text("a {}")
    (folder / "static" / "site.0123456789ab.css.gz").write_bytes(gzip.compress(b"a {}", mtime=0))
    (folder / "secret" / "key.jpg").write_bytes(b"secret")
    (folder / "images" / "link.jpg").symlink_to(folder / "secret" / "key.jpg")
    (folder / "images" / "linked").symlink_to(folder / "secret")
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.tiny"]
            + [str(one) for one in (port, folder, silence, grace)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    server = Tiny(port, folder, process)
    try:
        _wait(server)
        yield server
    finally:
        everyone = [psutil.Process(process.pid), *psutil.Process(process.pid).children()]
        process.terminate()
        psutil.wait_procs(everyone, timeout=20)
        for one in everyone:
            if one.is_running():
                one.kill()
        process.wait(PATIENCE)


def _wait(server: Tiny) -> None:
    deadline = time.monotonic() + PATIENCE
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            server.ask("GET", "/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError((server.folder / "log").read_text())
