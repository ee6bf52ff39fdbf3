"""The program that a child of the pool runs, and TASKS: what it can do.

It is started by its path, so that a child that only packs JPEGs does not load the whole package. A
message in either direction is MESSAGE and what that announces: facts as JSON, and bytes.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

# A task is a function: bytes and arguments that JSON holds into facts that JSON holds, and bytes.
Done = tuple[Any, bytes]
Task = Callable[..., Done]

TASKS: Mapping[str, str] = {
    "pack jpeg": "mozjpeg:packed",
    "probe video": "processing.codecs.isolated:probe_here",
    "poster of video": "processing.codecs.isolated:poster_here",
    "open heif": "processing.codecs.heif:open_here",
    "decode heif": "processing.codecs.heif:decode_here",
    "gain map of heif": "processing.codecs.heif:gain_map_here",
}

# The length of the facts, and that of the bytes.
MESSAGE = struct.Struct(">IQ")
# Sent when a task was received whole: whatever ends the child from here on, the task may have done.
BEGUN = b"\x06"

IDLE_SECONDS = 60.0
MOST_TASKS = 500
# A child that has once grown so large is not kept: the heap rarely gives it back.
LARGE_BYTES = 400 << 20


def send(pipe: int, facts: object, data: bytes | memoryview) -> None:
    """Write one message to a pipe."""
    words = json.dumps(facts).encode()
    write(pipe, MESSAGE.pack(len(words), len(data)) + words)
    write(pipe, data)


def write(pipe: int, data: bytes | memoryview) -> None:
    """Write all of it."""
    left = memoryview(data)
    while left:
        left = left[os.write(pipe, left) :]


def receive(pipe: int) -> Done:
    """Read one message; EOFError where it ends before."""
    facts, data = MESSAGE.unpack(read(pipe, MESSAGE.size))
    return json.loads(read(pipe, facts)), read(pipe, data)


def read(pipe: int, size: int) -> bytes:
    """Read exactly this many bytes; EOFError where there are fewer."""
    made = bytearray(size)
    left = memoryview(made)
    while left:
        got = os.readv(pipe, [left])
        if not got:
            raise EOFError
        left = left[got:]
    return bytes(made)


def main(root: str, lifeline: int) -> None:
    """Do tasks until there are none any more."""
    sys.path += [root, root + "/processing/sandbox"]
    _end_with(lifeline)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    requests, answers = 0, os.dup(1)
    # Whatever a library prints must not be taken for an answer.
    os.dup2(2, 1)
    for _ in range(MOST_TASKS):
        if not select.select([requests], [], [], IDLE_SECONDS)[0]:
            return
        try:
            order, data = receive(requests)
        except EOFError:
            return
        write(answers, BEGUN)
        _limit(order["seconds"], order["memory"])
        answer, made = _done(order, data)
        send(answers, answer, made)
        if "fault" in answer:
            # Memory may have run out anywhere, in the middle of an import too.
            return
        if _peak() > LARGE_BYTES:
            return


def _peak() -> int:
    """The most bytes of memory that this program has held.

    Not getrusage()'s figure: the kernel inherits it from the process that started this one.
    """
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _done(order: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        module, name = TASKS[order["task"]].split(":")
        facts, made = getattr(importlib.import_module(module), name)(data, *order["arguments"])
    except Exception as error:
        code = getattr(error, "code", None)
        if isinstance(code, str):
            return {
                "code": code,
                "message": str(error),
                "param": getattr(error, "param", None),
            }, b""
        return {"fault": repr(error)[:500]}, b""
    return {"facts": facts}, made


def _limit(seconds: int, memory: int) -> None:
    """Bound the processor time of this task, which the kernel counts from the start, and the memory."""
    spent = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + 1 + seconds, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.RLIM_INFINITY))


def _end_with(lifeline: int) -> None:
    """Have the kernel end this process when the pipe's other end closes, as it does when its owner dies.

    A native call that never returns keeps Python from noticing anything; SIGIO ends it all the same. The
    kernel's death signal would not do: it depends on the thread that started the child.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # the owner ended before we asked
        sys.exit(0)


if __name__ == "__main__":
    # The owner's end has closed, so nothing waits for this process any more.
    with contextlib.suppress(BrokenPipeError):
        main(sys.argv[1], int(sys.argv[2]))
