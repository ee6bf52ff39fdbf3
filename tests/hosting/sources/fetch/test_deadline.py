"""One deadline covers everything: a server that dawdles is cut off."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

import psutil
import pytest

from hosting.sources import fetch as module
from tests.hosting.sources.fetch.servers import (
    PUBLIC,
    Dns,
    End,
    Site,
    Wires,
    dawdle,
    drip,
    redirect,
    refusal,
)
from tests.live import PATIENCE


@contextmanager
def handshake(byte: bytes) -> Iterator[tuple[int, End]]:
    """Listen on a port, announce a TLS record of 16 KiB, and send it a byte at a time."""
    end = End()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def shake() -> None:
            with suppress(OSError), listener.accept()[0] as connection:
                connection.sendall(b"\x16\x03\x03\x40\x00" if byte else b"")
                dawdle(connection, (byte,), end)

        threading.Thread(target=shake, daemon=True).start()
        yield listener.getsockname()[1], end
        end.at_once.set()


class TestTheDeadline:
    DRIPS = {
        "status line": drip(b"x"),
        "headers": drip(b"x", start=b"HTTP/1.1 200 OK\r\nX: "),
        "interim answers": drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
        "body with a length": drip(b"x", start=b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
        "body without a length": drip(b"x", start=b"HTTP/1.1 200 OK\r\n\r\n"),
        "chunks": drip(
            b"1\r\nx\r\n", start=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        "chunk size": drip(b"0", start=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        "trailers": drip(
            b"X: y\r\n", start=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        ),
        "nothing at all": drip(),
    }

    @pytest.mark.parametrize("part", DRIPS)
    def test_ends_a_slow_drip_of(self, part: str, site: Site) -> None:
        site.pages["/slow"] = self.DRIPS[part]
        assert refusal(site.url("/slow"), trusted=site.trusted, timeout=1) == "timeout"
        assert not site.end.lasted

    def test_ends_a_slow_drip_inside_tls(self, secure_site: Site, dns: Dns, wires: Wires) -> None:
        dns["pictures.example"] = [[PUBLIC]]
        secure_site.pages["/slow"] = self.DRIPS["body without a length"]
        assert refusal(secure_site.url("/slow", host="pictures.example"), timeout=1) == "timeout"
        assert not secure_site.end.lasted

    @pytest.mark.parametrize("byte", [b"", b"\x16"], ids=["silent", "dripping"])
    def test_ends_a_handshake_that_goes_nowhere(self, byte: bytes) -> None:
        with handshake(byte) as (port, end):
            trusted = [f"127.0.0.1:{port}"]
            assert refusal(f"https://127.0.0.1:{port}/", trusted=trusted, timeout=1) == "timeout"
            assert not end.lasted

    def test_ends_a_connection_that_was_made_too_late(self, monkeypatch: Any) -> None:
        connect = socket.create_connection

        def connect_late(*address: Any, **options: Any) -> socket.socket:
            time.sleep(1.2)  # past the deadline, so that its timer has found no socket to cut
            return connect(*address, **options)

        monkeypatch.setattr("socket.create_connection", connect_late)
        with handshake(b"\x16") as (port, end):
            trusted = [f"127.0.0.1:{port}"]
            assert refusal(f"https://127.0.0.1:{port}/", trusted=trusted, timeout=1) == "timeout"
            assert not end.lasted

    def test_ends_a_lookup_that_does_not_return(self, monkeypatch: pytest.MonkeyPatch) -> None:
        release, returned = threading.Event(), threading.Event()

        def look_up(host: str, port: int) -> list[module.Address]:
            release.wait(PATIENCE)
            returned.set()
            return []

        monkeypatch.setattr(module, "resolve", look_up)
        try:
            assert refusal("http://a.example/", timeout=0.5) == "timeout"
            assert not returned.is_set()
        finally:
            release.set()

    def test_covers_all_hops_together(self, site: Site) -> None:
        def slow(request: BaseHTTPRequestHandler) -> None:
            time.sleep(0.4)
            redirect("/round")(request)

        site.pages["/round"] = slow
        # Six hops of less than the time for all of them: each for itself would come through.
        assert refusal(site.url("/round"), trusted=site.trusted, timeout=1) == "timeout"

    def test_leaves_no_timer_and_no_socket_behind(self, site: Site) -> None:
        def left() -> set[object]:
            timers = {each for each in threading.enumerate() if isinstance(each, threading.Timer)}
            return timers | set(psutil.Process().net_connections("tcp"))

        site.heard = _Forgetful()  # or the server's side would be held open
        before = left()
        site.fetch().file.close()
        assert refusal(site.url("/missing"), trusted=site.trusted) == "bad_status"
        last = time.monotonic() + PATIENCE
        while not left() <= before and time.monotonic() < last:
            time.sleep(0.01)  # the server's threads, and the cancelled timer's, end by themselves
        assert left() <= before


class _Forgetful(list[BaseHTTPRequestHandler]):
    def append(self, request: BaseHTTPRequestHandler) -> None:
        pass
