"""Web servers on 127.0.0.1, names and wires: the internet of the tests of fetching.

A test makes a server public by entering a name into `dns` with a public address, which `wires` leads back here:
what is checked and what is dialled are both seen.
"""

from __future__ import annotations

import ipaddress
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hosting.sources import fetch as module
from hosting.sources.fetch import Fetched, FetchError, fetch
from tests.live import PATIENCE

PUBLIC = "93.184.215.14"
ALSO_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
PICTURE = b"\x89PNG, or so it says. " * 100

DRIP_SECONDS = 60.0

Page = Callable[[BaseHTTPRequestHandler], None]


def answer(body: bytes = PICTURE, status: int = 200, length: bool = True, **headers: Any) -> Page:
    def page(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, text in headers.items():
            request.send_header(name.replace("_", "-"), text)
        if length and "Transfer_Encoding" not in headers:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        with suppress(OSError):
            request.wfile.write(body)

    return page


def redirect(target: str, status: int = 302) -> Page:
    # http.server writes headers in Latin-1; this way UTF-8 arrives.
    return answer(b"", status=status, Location=target.encode().decode("latin-1"))


def drip(*pieces: bytes, start: bytes = b"") -> Page:
    """Send the pieces again and again, each well within any timeout of a single read."""

    def page(request: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            request.connection.sendall(start)
            dawdle(request.connection, pieces, request.server.end)  # type: ignore[attr-defined]

    return page


@dataclass
class End:
    """When a drip stops that nobody cuts: with the test, or after DRIP_SECONDS; then it has `lasted`."""

    at_once: threading.Event = field(default_factory=threading.Event)
    lasted: bool = False


def dawdle(connection: socket.socket, pieces: tuple[bytes, ...], end: End) -> None:
    """Send the pieces until the other side hangs up, or the end has come."""
    last = time.monotonic() + DRIP_SECONDS
    while not end.at_once.wait(0.05):
        for piece in pieces:
            connection.sendall(piece)
        if select.select([connection], [], [], 0)[0] and not connection.recv(10_000):
            return
        if time.monotonic() > last:
            end.lasted = True
            return


@dataclass
class Site:
    """A web server; `heard` are the requests that reached it."""

    server: ThreadingHTTPServer
    scheme: str = "http"
    pages: dict[str, Page] = field(default_factory=lambda: {"/cat.png": answer()})
    heard: list[BaseHTTPRequestHandler] = field(default_factory=list)
    end: End = field(default_factory=End)

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def trusted(self) -> list[str]:
        return [f"127.0.0.1:{self.port}"]

    def url(self, path: str = "/cat.png", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def fetch(self, path: str = "/cat.png", **options: Any) -> Fetched:
        """Fetch as from a trusted host, which leaves the address check out of it."""
        defaults: dict[str, Any] = {"max_bytes": 100_000, "timeout": PATIENCE}
        return fetch(self.url(path), **{"trusted": self.trusted} | defaults | options)


def serve(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    served: Site

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.heard.append(self)
            self.close_connection = True
            served.pages.get(self.path.partition("?")[0], answer(b"?", status=404))(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        # Closing the server waits for their ends, so that they are in no other test's way.
        daemon_threads = False
        end: End

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that hangs up, or refuses the certificate, is what is tested

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    served = Site(server, scheme="http" if tls is None else "https")
    server.end = served.end
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield served
    served.end.at_once.set()
    server.shutdown()
    server.server_close()


class Dns(dict[str, list[list[str]]]):
    """Names to the answers they give one after the other; the last is repeated."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, host: str, port: int) -> list[module.Address]:
        self.asked.append(host)
        if host not in self:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self[host]
        current = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ipaddress.ip_address(text) for text in current]


@dataclass
class Wires:
    dialled: list[str] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)


def refusal(url: str, **options: Any) -> str:
    """Return the code with which the URL is refused."""
    with pytest.raises(FetchError) as caught:
        fetch(url, **({"max_bytes": 100_000, "timeout": PATIENCE} | options))
    assert caught.value.param == "source"
    return caught.value.code


def hang_up(wires: Wires) -> Callable[..., socket.socket]:
    """A way to connect that remembers where it was meant to go and never gets there."""

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        wires.dialled.append(address[0])
        raise ConnectionRefusedError

    return dial
