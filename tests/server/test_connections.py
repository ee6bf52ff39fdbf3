"""How many connections one sender may hold, whatever kind of address it has."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count

import pytest

from server.connections import Connections


@pytest.fixture
def open_sockets() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def serve(stack: ExitStack, host: str) -> socket.socket:
    """A listening socket; "::" takes IPv4 as well."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = stack.enter_context(socket.socket(family))
    if family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listening.bind((host, 0))
    listening.listen()
    return listening


def connect(stack: ExitStack, listening: socket.socket, host: str) -> socket.socket:
    """A client's end of a new connection, of which this process holds the server's end too."""
    client = stack.enter_context(socket.create_connection((host, listening.getsockname()[1])))
    stack.enter_context(listening.accept()[0])
    return client


def is_closed(client: socket.socket) -> bool:
    client.settimeout(0.05)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False


@pytest.mark.parametrize(
    ("bound", "host"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::", "127.0.0.1")]
)
def test_idle_ones_are_closed_first_with_either_kind_of_address(
    open_sockets: ExitStack, bound: str, host: str
) -> None:
    listening = serve(open_sockets, bound)
    clients = [connect(open_sockets, listening, host) for _ in range(4)]
    connections = Connections(port=listening.getsockname()[1], most=2)
    # As granian names its clients.
    name = {"127.0.0.1": "127.0.0.1", "::1": "[::1]", "::": "[::ffff:127.0.0.1]"}[bound]
    busy = (clients[0], clients[2])
    connections.at_work = {f"{name}:{one.getsockname()[1]}" for one in busy}

    assert connections.close_excess() == 2
    assert [is_closed(one) for one in clients] == [False, True, False, True]


def test_one_customers_many_ipv6_addresses_are_one_sender_and_its_neighbour_another(
    open_sockets: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = serve(open_sockets, "::1")
    for _ in range(6):
        connect(open_sockets, listening, "::1")
    numbers = count(1)

    def peer(_: socket.socket) -> tuple[str, int, int, int]:
        number = next(numbers)
        return f"2001:db8:0:{1 if number <= 4 else 2}::{number:x}", number, 0, 0

    monkeypatch.setattr(socket.socket, "getpeername", peer, raising=False)

    assert Connections(port=listening.getsockname()[1], most=2).close_excess() == 2
