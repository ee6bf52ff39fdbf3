"""The pool of children: at most CHILDREN in each process, started when needed and used again."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from processing.errors import ProcessingError
from processing.sandbox import child

CHILDREN = 2
# Tasks that may take longer than this, in seconds of processor time, leave one child to the others.
LONG_SECONDS = 10
# How long a caller waits for a turn, by the clock.
WAIT_SECONDS = 30.0
_ROOT = Path(__file__).resolve().parents[2]
_PIPE_BYTES = 1 << 20


class Lost(Exception):
    """The child ended, or was ended, before the task was done."""


class Fault(Exception):
    """The task raised something other than a ProcessingError; the message says what."""


class _Unbegun(Exception):
    """The child ended before it had the task."""


class _Child:
    """A process, and our ends of three pipes. Plain descriptors: they have no lock to inherit by a fork."""

    def __init__(self) -> None:
        pipes = [os.pipe() for _ in range(3)]
        (ordered, self._orders), (self._answers, answered), (line, self._lifeline) = pipes
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own program
                [sys.executable, "-I", child.__file__, str(_ROOT), str(line)],
                stdin=ordered,
                stdout=answered,
                stderr=subprocess.DEVNULL,
                pass_fds=(line,),
                env={"TMPDIR": tempfile.gettempdir()},
            )
        except BaseException:
            self.let_go()
            raise
        finally:
            for end in (ordered, answered, line):
                os.close(end)
        for end in (self._orders, self._answers):
            # Beyond what the kernel allows a user it stays as it is.
            with suppress(OSError):
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def do(self, order: dict[str, Any], data: bytes, seconds: float) -> child.Done:
        """The answer to one order within this many seconds of wall time; otherwise the child is killed."""
        clock = threading.Timer(seconds, self._process.kill)
        clock.daemon = True
        clock.start()
        try:
            try:
                child.send(self._orders, order, data)
                child.read(self._answers, len(child.BEGUN))
            except (OSError, EOFError) as error:
                raise _Unbegun from error
            return child.receive(self._answers)
        except EOFError as error:
            raise Lost from error
        finally:
            clock.cancel()

    def end(self) -> None:
        """End it and leave nothing of it."""
        self._process.kill()
        self.let_go()
        self._process.wait()

    def let_go(self) -> None:
        """Close our ends of its pipes."""
        for end in (self._orders, self._answers, self._lifeline):
            os.close(end)


class _Pool:
    def __init__(self) -> None:
        self._turns = threading.Semaphore(CHILDREN)
        self._long_turns = threading.Semaphore(CHILDREN - 1)
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()

    def call(self, order: dict[str, Any], data: bytes, seconds: float) -> child.Done:
        with self._turn(is_long=order["seconds"] > LONG_SECONDS):
            while True:
                used = bool(self._idle)
                # The one that was used last, so that idle ones can exit.
                one = self._idle.pop() if used else self._started()
                try:
                    answer = one.do(order, data, seconds)
                except _Unbegun as error:
                    self._end(one)
                    if not used:
                        raise Lost from error
                except BaseException:
                    self._end(one)
                    raise
                else:
                    self._idle.append(one)
                    return answer

    @contextmanager
    def _turn(self, *, is_long: bool) -> Iterator[None]:
        """Hold a turn for the block; ProcessingError where none came in time."""
        deadline = time.monotonic() + WAIT_SECONDS
        with ExitStack() as held:
            for turns in ([self._long_turns] if is_long else []) + [self._turns]:
                if not turns.acquire(timeout=max(0.0, deadline - time.monotonic())):
                    raise ProcessingError(
                        "busy", "Too many pictures are being processed just now. Try again later."
                    )
                held.callback(turns.release)
            yield

    def _started(self) -> _Child:
        try:
            one = _Child()
        except OSError as error:
            raise Lost from error
        self._all.add(one)
        return one

    def _end(self, one: _Child) -> None:
        self._all.discard(one)
        one.end()

    def forget(self) -> None:
        """After a fork: the children are the parent's, and are to end with that and not with us."""
        for one in self._all:
            one.let_go()


_pool = _Pool()


def _after_fork() -> None:
    global _pool
    _pool.forget()
    _pool = _Pool()


os.register_at_fork(after_in_child=_after_fork)


def call(task: str, data: bytes, *arguments: object, seconds: int, memory: int) -> child.Done:
    """What a task of TASKS makes of `data`: its facts and its bytes.

    arguments: what JSON holds. seconds: of processor time, and twice as many by the clock. memory: bytes
    of address space. Callers beyond CHILDREN wait for their turn, WAIT_SECONDS at most (ProcessingError, busy);
    of tasks that may take longer than LONG_SECONDS one runs fewer.

    Raises Lost where the child did not live to answer, the task's own ProcessingError, and Fault for
    whatever else it raised.
    """
    order = {"task": task, "arguments": arguments, "seconds": seconds, "memory": memory}
    answer, made = _pool.call(order, data, 2 * seconds)
    if "code" in answer:
        raise ProcessingError(answer["code"], answer["message"], answer["param"])
    if "fault" in answer:
        raise Fault(f"{task}: {answer['fault']}")
    return answer["facts"], made
