"""Answers that are generated while they are sent, no faster than their reader takes them.

What belongs here: how such an answer gets to granian, and how long to wait for its reader. granian's own
streaming has no way to wait for a slow reader, and fills the memory. It reads files as the connection takes
them, so the answer goes through a named pipe: the kernel blocks the writer while the pipe is full, and notifies
it when the reader has gone.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import secrets
import select
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

logger = logging.getLogger("server.streams")

PIPE_BYTES = 1024 * 1024
# granian opens the pipe within milliseconds of getting its name.
OPEN_SECONDS = 10.0
OPEN_LOOK_SECONDS = 0.005
SILENCE_SECONDS = 30.0
GRACE_SECONDS = 120.0
LEAST_BYTES_A_SECOND = 16 * 1024


@dataclass(frozen=True)
class Stream:
    """The rest of an answer: the part generated already, the generator of the rest, and what closes it."""

    first: bytes
    pieces: Iterable[bytes]
    close: Callable[[], None]


class Streams:
    """Sends streams for one process, each in its own thread; `folder` has the pipes.

    most: how many at once. silence: seconds within which a reader has to take something.
    """

    def __init__(self, folder: Path, *, most: int, silence: float = SILENCE_SECONDS) -> None:
        self._folder = folder
        self._silence = silence
        self._free = threading.BoundedSemaphore(most)

    def reserve(self) -> bool:
        """Take a turn, which `start` releases when its stream has ended; False where none is free."""
        return self._free.acquire(blocking=False)

    def drop(self, stream: Stream) -> None:
        """End a stream that is not to be sent, and give its turn back."""
        self._free.release()
        stream.close()

    def start(self, stream: Stream) -> str:
        """Begin to send; the name of the pipe to be read. Takes a turn that was reserved."""
        path = self._folder / f"stream-{secrets.token_hex(8)}"
        try:
            os.mkfifo(path, 0o600)
            thread = threading.Thread(
                target=self._send, args=(stream, path), name="stream", daemon=True
            )
            thread.start()
        except BaseException:
            self.drop(stream)
            raise
        return str(path)

    def _send(self, stream: Stream, path: Path) -> None:
        try:
            writer = _opened(path)
            try:
                self._write(writer, stream)
            finally:
                os.close(writer)
        except (BrokenPipeError, TimeoutError) as error:
            logger.info("a reader went away or was too slow: %s", error)
        except Exception:
            # The answer has begun, so cutting it short is the only way to signal an error.
            logger.exception("a response broke off")
        finally:
            self.drop(stream)

    def _write(self, writer: int, stream: Stream) -> None:
        began, sent = time.monotonic(), 0
        for piece in chain([stream.first], stream.pieces):
            view = memoryview(piece)
            while view:
                poll = select.poll()  # select takes no numbers above 1023
                poll.register(writer, select.POLLOUT)
                if not poll.poll(self._silence * 1000):
                    raise TimeoutError("nothing was read")
                with suppress(BlockingIOError):
                    count = os.write(writer, view[:PIPE_BYTES])
                    view, sent = view[count:], sent + count
            late = time.monotonic() - began - GRACE_SECONDS
            if late * LEAST_BYTES_A_SECOND > sent:
                raise TimeoutError("it was read too slowly")


def _opened(path: Path) -> int:
    """The pipe, open for writing, once it is open for reading; its name is gone then. Raises TimeoutError."""
    until = time.monotonic() + OPEN_SECONDS
    try:
        while True:
            try:
                writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
                break
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
            if time.monotonic() > until:
                raise TimeoutError("nobody reads")
            time.sleep(OPEN_LOOK_SECONDS)
    finally:
        path.unlink(missing_ok=True)
    with suppress(OSError, AttributeError):
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return writer
