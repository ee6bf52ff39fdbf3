"""The processes in which requests process pictures, so that pages never wait for pictures.

What belongs here: the queue in front of them (Line), the processes that take from it, and how a request and its
answer are passed. Codecs hold Python's lock for seconds at a time, so threads beside those of the pages would
not do. The processes are forks of the web server's first one and share its memory; the kernel gives their work
less processor time than pages.

A request in the queue is one message on a socket pair that all processes inherit: a dedicated channel, and the
file of its body. The process that takes it confirms on the channel, reads the request there, and writes the
answer back.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from server.supervisor import end_with_parent, keep_freed_memory, return_freed_memory

# In steps of nice(1): pages before pictures, and pictures in requests before jobs.
NICENESS = 5
RESTART_SECONDS = 1.0
# A decoder that has had nothing to do for so long returns the memory that it keeps for the next picture.
IDLE_SECONDS = 20.0
TAKEN = b"t"
_SIZE = struct.Struct("!Q")
# The parts of a WSGI environment that cannot be passed, and are recreated.
LOCAL = ("wsgi.input", "wsgi.errors", "wsgi.file_wrapper")


class Busy(Exception):
    """No turn came in time, or too many wait for one already."""


class Interrupted(Exception):
    """The process that had the request ended before it answered."""


@dataclass(frozen=True)
class Request:
    """A request on its way: its WSGI environment without LOCAL; content where its body is in memory."""

    environ: Mapping[str, Any]
    content: bytes | None


class Line:
    """A queue of requests to the decoders, first come first served.

    threads: how many requests each decoder does at once. most: how many may wait in each web process. seconds:
    how long one waits for its turn.
    """

    def __init__(self, *, threads: int, most: int, seconds: float) -> None:
        self.threads = threads
        self._most = most
        self._seconds = seconds
        self._waiting = 0
        # How many requests this process has taken from it.
        self.taken = 0
        # Messages stay whole, and all that read take from one queue.
        self._sender, self._receiver = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sender.setblocking(False)

    async def ask(self, environ: dict[str, Any], body: IO[bytes]) -> Any:
        """What a decoder answers. Raises Busy or Interrupted. Runs in a web process's event loop."""
        if self._waiting >= self._most:
            raise Busy
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        with ours:
            ours.setblocking(False)
            file = _file_of(body)
            with theirs:
                fds = [theirs.fileno()] if file is None else [theirs.fileno(), file]
                try:
                    socket.send_fds(self._sender, [b"r"], fds)
                except BlockingIOError:
                    raise Busy from None
            self._waiting += 1
            try:
                async with asyncio.timeout(self._seconds):
                    taken = await loop.sock_recv(ours, 1)
            except TimeoutError:
                raise Busy from None
            finally:
                self._waiting -= 1
            if taken != TAKEN:
                raise Interrupted
            values = {name: value for name, value in environ.items() if name not in LOCAL}
            content = body.read() if file is None else None
            try:
                await loop.sock_sendall(ours, _packed(Request(values, content)))
                size = _SIZE.unpack(await _received(loop, ours, _SIZE.size))[0]
                return pickle.loads(await _received(loop, ours, size))  # noqa: S301, of our own process
            except (OSError, EOFError):
                raise Interrupted from None

    def keep_sender(self) -> None:
        """What a web process does first."""
        self._receiver.close()

    def keep_receiver(self) -> None:
        """What a decoder does first: when all web processes have ended, it reads the queue's end."""
        self._sender.close()

    def serve(self, answer: Callable[[dict[str, Any]], Any]) -> None:
        """Take requests and answer them, until all web processes have ended. Runs in a decoder's thread."""
        while True:
            message, fds, _, _ = socket.recv_fds(self._receiver, 1, 2)
            if not message:
                return
            channel = socket.socket(fileno=fds[0])
            body = os.fdopen(fds[1], "rb") if len(fds) > 1 else None
            self.taken += 1
            # The client may have gone, or waited long enough.
            with channel, suppress(OSError, EOFError):
                try:
                    _serve(channel, body, answer)
                finally:
                    if body is not None:
                        body.close()


def _serve(
    channel: socket.socket, body: IO[bytes] | None, answer: Callable[[dict[str, Any]], Any]
) -> None:
    channel.sendall(TAKEN)
    with channel.makefile("rb") as stream:
        size = _SIZE.unpack(_read(stream, _SIZE.size))[0]
        request: Request = pickle.loads(_read(stream, size))  # noqa: S301, of our own process
    if body is None:
        body = tempfile.SpooledTemporaryFile(max_size=0)  # noqa: SIM115, closed below
        body.write(request.content or b"")
    with body:
        body.seek(0)
        channel.sendall(_packed(answer({**request.environ, "wsgi.input": body})))


def _packed(thing: object) -> bytes:
    data = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    return _SIZE.pack(len(data)) + data


def _read(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


async def _received(loop: asyncio.AbstractEventLoop, channel: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = await loop.sock_recv_into(channel, view)
        if not count:
            raise EOFError
        view = view[count:]
    return bytes(data)


def _file_of(body: IO[bytes]) -> int | None:
    """The descriptor of the file that holds a body; None where it is in memory."""
    # Asking a spooled file for its number would write it to the disk.
    if getattr(body, "_rolled", True) is False:
        return None
    try:
        return body.fileno()
    except OSError:
        return None


def start(
    count: int,
    lines: tuple[Line, ...],
    answer: Callable[[dict[str, Any]], Any],
    prepare: Callable[[], None],
) -> None:
    """Start `count` decoders and a process that restarts those that end. Call it before there are threads.

    `prepare` is called in each decoder before it takes a request.
    """
    if os.fork():
        return
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for line in lines:
            line.keep_receiver()
        end_with_parent()
        _watch(count, lines, answer, prepare)
    finally:
        os._exit(1)


def _watch(
    count: int,
    lines: tuple[Line, ...],
    answer: Callable[[dict[str, Any]], Any],
    prepare: Callable[[], None],
) -> None:
    """Keep `count` decoders running until their queue ends."""
    running: set[int] = set()
    while True:
        while len(running) < count:
            if pid := os.fork():
                running.add(pid)
                continue
            try:
                _decode(lines, answer, prepare)
                os._exit(0)
            finally:
                os._exit(1)
        pid, status = os.wait()
        running.discard(pid)
        if status == 0:
            return
        time.sleep(RESTART_SECONDS)


def _decode(
    lines: tuple[Line, ...], answer: Callable[[dict[str, Any]], Any], prepare: Callable[[], None]
) -> None:
    """One decoder's life."""
    end_with_parent()
    os.nice(NICENESS)
    keep_freed_memory()
    prepare()
    threads = [
        threading.Thread(target=line.serve, args=(answer,), name="decoding")
        for line in lines
        for _ in range(line.threads)
    ]
    for thread in threads:
        thread.start()
    _return_memory_when_idle(lines, threads)


def _return_memory_when_idle(lines: tuple[Line, ...], threads: list[threading.Thread]) -> None:
    """Runs until all threads have ended."""
    taken = returned = 0
    while alive := [thread for thread in threads if thread.is_alive()]:
        alive[0].join(IDLE_SECONDS)
        before, taken = taken, sum(line.taken for line in lines)
        if taken == before != returned:
            return_freed_memory()
            returned = taken
