"""Receiving a request's body whole before anybody works on it.

What belongs here: the patience with slow clients and the room for their bytes. A body is received by the
event loop, so that a client that sends a byte a second costs no thread, and ends up in memory or in a file
without a name, which is gone when it is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MEMORY_BYTES = 1024 * 1024
# With this many bodies on their way the next ones go to the disk at once: a hundred megabytes at most.
MANY_BODIES = 64
FEW_BYTES = 16 * 1024
SILENCE_SECONDS = 30.0
GRACE_SECONDS = 120.0
LEAST_BYTES_A_SECOND = 16 * 1024
# A body that is refused is still received for a while: most clients read no answer before they have sent.
DISCARD_BYTES = 512 * 1024 * 1024
DISCARD_SECONDS = 60.0
# All bodies of a process together, in multiples of the largest one.
ROOM_BODIES = 32


class Refused(Exception):
    """This body is not received to its end. `status` is the answer, 0 where no client waits for one."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class Body:
    """What was received: `file` at its beginning and its `size` in bytes.

    Where `too_large` or `no_space`, the file is empty and the size is what was declared, or else what came.
    `cut` is why less came than was to come.
    """

    file: IO[bytes]
    size: int = 0
    too_large: bool = False
    no_space: bool = False
    cut: Refused | None = None


class Receiver:
    """Receives bodies for one process. All of it runs in the event loop.

    `folder` is for bodies that are too large for memory; `max_bytes` the largest one accepted;
    `silence` and `grace` are in seconds. While `is_full` is true, bodies that need the disk are not kept.
    """

    def __init__(
        self,
        folder: Path,
        max_bytes: int,
        *,
        silence: float = SILENCE_SECONDS,
        grace: float = GRACE_SECONDS,
        is_full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folder = str(folder)
        self._max_bytes = max_bytes
        self._room = ROOM_BODIES * max_bytes
        self._silence = silence
        self._grace = grace
        self._is_full = is_full
        self._bodies = 0

    async def receive(self, headers: Any, proto: Any, *, keep: bool = False) -> Body:
        """The body of one request; raise Refused where it stops, is too slow or finds no room.

        What arrived of one that stops or is too slow is returned where it is worth keeping (`keep`). The caller
        must pass the body to `release` in the end.
        """
        length = _length(headers)
        if not length and "transfer-encoding" not in headers:
            return Body(io.BytesIO())
        pieces = _Pieces(proto)
        if length > self._max_bytes:
            if "expect" not in headers:  # a client that asks first has sent nothing to receive
                await _discard(pieces)
            return Body(io.BytesIO(), length, too_large=True)
        if (length > MEMORY_BYTES or not length) and self._is_full():
            if "expect" not in headers:
                await _discard(pieces)
            return Body(io.BytesIO(), length, no_space=True)
        if length > self._room:
            raise Refused(503, "There is no room for this body now.")
        body = Body(self._file(length))
        self._bodies += 1
        try:
            await self._receive_into(body, pieces)
        except Refused as error:
            if keep and error.status == 408:
                return _cut(body, error)
            self.release(body)
            raise
        except BaseException:
            self.release(body)
            raise
        if body.too_large:
            body.file.seek(0)
            body.file.truncate()
            await _discard(pieces)
            return body
        # granian ends a whole body with one empty piece, and a broken one with two; so do trailers.
        broken = pieces.empty > 1 and "trailer" not in headers
        if body.size < length or broken:
            gone = Refused(0, "The client went away.")
            if keep:
                return _cut(body, gone)
            self.release(body)
            raise gone
        body.file.seek(0)
        return body

    def release(self, body: Body) -> None:
        """Forget a body and give its room to others."""
        if not body.file.closed and not isinstance(body.file, io.BytesIO):
            self._bodies -= 1
            self._room += body.size
        body.file.close()

    def _file(self, length: int) -> IO[bytes]:
        if length > MEMORY_BYTES:
            return tempfile.TemporaryFile(dir=self._folder)
        in_memory = MEMORY_BYTES if self._bodies < MANY_BODIES else FEW_BYTES
        return tempfile.SpooledTemporaryFile(max_size=in_memory, dir=self._folder)

    async def _receive_into(self, body: Body, pieces: _Pieces) -> None:
        """Write what comes to the body's file, until its end or until it is too large."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._silence) as limit:
                async for piece in pieces:
                    body.size += len(piece)
                    self._room -= len(piece)
                    if body.size > self._max_bytes:
                        body.too_large = True
                        return
                    if self._room < 0:
                        raise Refused(503, "There is no room for this body now.")
                    body.file.write(piece)
                    # Slower than this on the whole is as good as silent.
                    last = began + self._grace + body.size / LEAST_BYTES_A_SECOND
                    limit.reschedule(min(clock() + self._silence, last))
        except TimeoutError:
            # The body must not be touched again: the server still waits in it for the next piece.
            raise Refused(408, "The request came too slowly.") from None


def _cut(body: Body, why: Refused) -> Body:
    body.cut = why
    body.file.seek(0)
    return body


class _Pieces:
    """The pieces of a body that hold something, and a count of those that do not.

    The server hands the body out to one iterator only; this one may be left and taken up again.
    """

    def __init__(self, proto: Any) -> None:
        self._pieces = proto.__aiter__()
        self.empty = 0

    def __aiter__(self) -> _Pieces:
        return self

    async def __anext__(self) -> bytes:
        while True:
            piece: bytes = await self._pieces.__anext__()
            if piece:
                return piece
            self.empty += 1


async def _discard(pieces: _Pieces) -> None:
    """Receive and forget what is still coming, within bounds."""
    received = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            async for piece in pieces:
                received += len(piece)
                if received > DISCARD_BYTES:
                    return


def _length(headers: Any) -> int:
    """The declared length in bytes; the server has already refused anything but a number."""
    value = headers.get("content-length")
    return int(value) if value and value.isascii() and value.isdigit() else 0
