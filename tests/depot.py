"""A server of weights on this machine, with the moods that servers and connections have."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Depot:
    """What it sends at any address, and how.

    ranges: whether it can go on in the middle. cut: bytes after which each connection breaks. hold: bytes after
    which it waits for `go`. tells_length: whether it says how much comes. asked: the Range of each request, ""
    for none.
    """

    data: bytes
    ranges: bool = True
    cut: int | None = None
    hold: int | None = None
    tells_length: bool = True
    status: int = 200
    leads_to: str = ""
    asked: list[str] = field(default_factory=list)
    port: int = 0
    go: threading.Event = field(default_factory=threading.Event)
    holding: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where the file is."""
        return f"http://127.0.0.1:{self.port}/network.onnx"


@contextmanager
def running(depot: Depot) -> Iterator[Depot]:
    """Have it answer on a free port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.close_connection = True
            asked = self.headers.get("Range", "")
            depot.asked.append(asked)
            if depot.leads_to and self.path == "/network.onnx":
                self.send_response(302)
                self.send_header("Location", depot.leads_to)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = int(found[1]) if (found := re.fullmatch(r"bytes=(\d+)-", asked)) else 0
            if not depot.ranges:
                start = 0
            if depot.status != 200:
                self.answer(depot.status, b"", {})
            elif start >= len(depot.data) and start:
                self.answer(416, b"", {"Content-Range": f"bytes */{len(depot.data)}"})
            elif start:
                of = f"bytes {start}-{len(depot.data) - 1}/{len(depot.data)}"
                self.answer(206, depot.data[start:], {"Content-Range": of})
            else:
                self.answer(200, depot.data, {})

        def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if depot.tells_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if depot.hold is not None:
                self.wfile.write(body[: depot.hold])
                self.wfile.flush()
                depot.holding.set()
                depot.go.wait(60)
                body = body[depot.hold :]
            self.wfile.write(body[: depot.cut])

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that went away is what some tests are about."""

    with Server(("127.0.0.1", 0), Answer) as server:
        depot.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield depot
        finally:
            depot.go.set()
            server.shutdown()
            thread.join()
