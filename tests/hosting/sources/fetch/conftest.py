"""Fixtures: servers to fetch from, and the names and wires that lead there."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from hosting.sources import fetch as module
from tests.hosting.sources.fetch.servers import Dns, Site, Wires, serve


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture
def other_site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture
def secure_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Site]:
    """Holds a certificate for pictures.example, from an authority made known to certifi."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setattr("certifi.where", lambda: str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("pictures.example").configure_cert(context)
    yield from serve(context)


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Dns:
    table = Dns()
    monkeypatch.setattr(module, "resolve", table.resolve)
    return table


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Wires:
    """Leads every connection to 127.0.0.1, and remembers where it was meant to go."""
    wires = Wires()
    connect = socket.create_connection

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        wires.dialled.append(address[0])
        wires.timeouts.append(timeout)
        if address[0] in wires.dead:
            raise TimeoutError
        return connect(("127.0.0.1", address[1]), timeout=timeout)

    monkeypatch.setattr("socket.create_connection", dial)
    return wires
