"""How many connections one address (IPv6: a /64) may hold open to a web process.

What belongs here: closing those beyond it. granian takes 2048 connections a process and knows no addresses, so
one of them could take all. It has no hook for a new connection either; so the process looks at its own sockets
(Linux's /proc; elsewhere nothing happens) and shuts the excess down, idle ones first.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import termios
import threading
import time
from collections import defaultdict
from contextlib import suppress

from accounts.client_ip import network_of

LOOK_SECONDS = 0.5
FOLDER = "/proc/self/fd"


class Connections:
    """The connections to `port`; an address has at most `most` of them."""

    def __init__(self, *, port: int, most: int) -> None:
        self._port = port
        self._most = most
        # Those on which a request is being received or answered, as granian names their clients.
        self.at_work: set[str] = set()

    def watch(self) -> None:
        """Start a thread that closes excess connections."""
        if self._most and os.path.isdir(FOLDER):  # noqa: PTH112
            threading.Thread(target=self._watch, name="connections", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            # Too few files for too many connections: mostly so.
            if len(os.listdir(FOLDER)) > self._most:  # noqa: PTH208, called twice a second
                self.close_excess()

    def close_excess(self) -> int:
        """Close what is too many now, and return how many those were."""
        closed = 0
        held: dict[str, list[tuple[bool, socket.socket]]] = defaultdict(list)
        try:
            for name in os.listdir(FOLDER):  # noqa: PTH208
                if (found := self._connection(int(name))) is not None:
                    address, at_work, connection = found
                    held[network_of(address)].append((at_work, connection))
            for connections in held.values():
                connections.sort(key=lambda one: one[0])
                for _, connection in connections[: max(0, len(connections) - self._most)]:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
                        closed += 1
        finally:
            for connections in held.values():
                for _, connection in connections:
                    connection.close()
        return closed

    def _connection(self, number: int) -> tuple[str, bool, socket.socket] | None:
        """Whose connection the open file of this number is, whether it is at work, and a handle of our own.

        Our own, since the number may be another file's a moment later.
        """
        try:
            handle = socket.socket(fileno=os.dup(number))
        except OSError:
            return None
        try:
            is_ours = handle.family in (socket.AF_INET, socket.AF_INET6)
            if is_ours and handle.getsockname()[1] == self._port:
                peer = handle.getpeername()
                at_work = _name(peer) in self.at_work or _unsent(handle) > 0
                return peer[0], at_work, handle
        except OSError:
            pass
        handle.close()
        return None


def _name(peer: tuple[str, int] | tuple[str, int, int, int]) -> str:
    """A peer of the kernel's as granian writes it: address:port, [address]:port, [address%zone]:port."""
    if len(peer) == 2:
        return f"{peer[0]}:{peer[1]}"
    address, port, _flow, zone = peer
    address = address.partition("%")[0]
    return f"[{address}%{zone}]:{port}" if zone else f"[{address}]:{port}"


def _unsent(connection: socket.socket) -> int:
    """Bytes that the client has not taken yet."""
    return int(struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0\0\0\0"))[0])
