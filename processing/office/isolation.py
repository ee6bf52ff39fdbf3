"""Run as a script: isolates this process, then becomes another program. Standard library only.

    python -I isolation.py SECONDS MEMORY FILE_BYTES FOLDER READABLE … -- PROGRAM ARGUMENT …

The program gets no network (a new namespace, in which no interface is up), FOLDER as its home and
its /tmp (a mount namespace), no other file but READABLE, to read and to execute (Landlock), and
limits on processor time, memory and the size of files. Where the kernel does not support the first
three, the program runs without them: only its own settings then protect, and Landlock still blocks
TCP where it can. The limits always hold. In an argument, {folder} and {url} become the path and the
address by which the program sees FOLDER.

It is a script because this is safe only in a fresh process, never between fork and exec of one with
threads.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import resource
import signal
import struct
import sys

_NEW_MOUNTS, _NEW_USER, _NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_DIE_WITH_PARENT, _NO_NEW_PRIVILEGES = 1, 38

# The numbers of Landlock's calls, the same on every architecture.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_SOCKET, _TRUNCATE = 1 << 9, 1 << 14
# What can be allowed on a plain file; the other rights are about folders.
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
# How many rights to files each version knows; naming one that it does not know is an error.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_RIGHTS = 16
# To listen and to connect by TCP (from version 4); abstract sockets and signals (from 6).
_TCP, _SCOPES = 3, 3
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_TEMP = "/tmp"  # noqa: S108 - where programs make their sockets whatever TMPDIR says


def limit(seconds: int, memory: int, file_bytes: int) -> None:
    """Limits that hold everywhere."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def leave(libc: ctypes.CDLL, folder: str) -> str:
    """Leave the network and the machine's /tmp; the path at which the folder is seen from then on."""
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_USER | _NEW_NETWORK | _NEW_MOUNTS) == 0:
        # Mapped to themselves, so that files keep the owners they have.
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
                file.write(line)
    # Where users may make no namespaces, root may still make these.
    elif libc.unshare(_NEW_NETWORK | _NEW_MOUNTS) != 0:
        return folder
    if libc.mount(None, b"/", None, _RECURSIVE | _PRIVATE, None) != 0:
        return folder
    if libc.mount(os.fsencode(folder), _TEMP.encode(), None, _BIND, None) != 0:
        return folder
    return _TEMP


def shut_in(libc: ctypes.CDLL, folder: str, readable: list[str]) -> None:
    """Leave the process nothing but these files, where the kernel can."""
    version = libc.syscall(_CREATE, None, 0, _ASK_VERSION)
    if version < 1:
        return
    rights = (1 << _RIGHTS.get(version, _NEWEST_RIGHTS)) - 1
    # A kernel takes a record that is longer than its own where the rest is zero, as it then is.
    wanted = struct.pack("QQQ", rights, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    rules = libc.syscall(_CREATE, wanted, len(wanted), 0)
    if rules < 0:
        return
    allowed = dict.fromkeys(readable, _EXECUTE | _READ_FILE | _READ_DIR)
    allowed |= dict.fromkeys(_DEVICES, _READ_FILE | _WRITE_FILE)
    if folder != _TEMP:
        # Its socket must go there; and on the way to the folder it opens the folders above.
        allowed |= {_TEMP: _MAKE_SOCKET | _READ_DIR}
        allowed |= {"/" + folder.split("/")[1]: _MAKE_SOCKET | _READ_DIR}
    allowed[folder] = rights
    for path, right in allowed.items():
        try:
            there = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        right &= rights if os.path.isdir(path) else rights & _OF_FILES  # noqa: PTH112
        libc.syscall(_ADD, rules, _PATH_BENEATH, struct.pack("=Qi", right, there), 0)
        os.close(there)
    libc.syscall(_RESTRICT, rules, 0)


def main(arguments: list[str]) -> None:
    """See the module."""
    at = arguments.index("--")
    seconds, memory, file_bytes = map(int, arguments[:3])
    folder, readable, command = arguments[3], arguments[4:at], arguments[at + 1 :]
    libc = ctypes.CDLL(None, use_errno=True)
    # Killed together with the process that waits for it, even if that one is killed by SIGKILL.
    libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    seen = leave(libc, folder)
    os.chdir(seen)
    shut_in(libc, seen, readable)
    limit(seconds, memory, file_bytes)
    url = pathlib.Path(seen).as_uri()
    command = [word.replace("{folder}", seen).replace("{url}", url) for word in command]
    environment = {"HOME": seen, "TMPDIR": seen, **os.environ}
    os.execve(command[0], command, environment)  # noqa: S606 - a list, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
