"""A process for each call: other people's programs, and code that is rarely needed."""

from __future__ import annotations

import subprocess
import sys
import tempfile

# Limits are set from inside: a hook before exec is not safe in a process with threads.
_LIMITS = """
import os, resource, sys
seconds, memory = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
del sys.argv[1:3]
"""
_EXECUTE = "os.execv(sys.argv[1], sys.argv[1:])"


def python(code: str, data: bytes, *arguments: str, seconds: int, memory: int) -> bytes | None:
    """What `code` writes to its standard output when given `data`; None where it fails.

    sys and os are imported, sys.argv[1:] are the arguments. seconds: of processor time, and twice
    as many by the clock. memory: bytes of address space.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own code
            [sys.executable, "-I", "-c", _LIMITS + code, str(seconds), str(memory), *arguments],
            input=data,
            capture_output=True,
            timeout=2 * seconds,
            check=False,
            env={"TMPDIR": tempfile.gettempdir()},
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return None if done.returncode else done.stdout or None


def program(path: str, data: bytes, *arguments: str, seconds: int, memory: int) -> bytes | None:
    """The same for a program, by its path."""
    return python(_EXECUTE, data, path, *arguments, seconds=seconds, memory=memory)
