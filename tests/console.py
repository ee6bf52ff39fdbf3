"""A site's command line, kept loaded: one process loads Django once and forks for every command.

What belongs here: the server of commands, which runs in the site's environment, and the client that `Site`
asks. A command still has a process, connections and an exit status of its own; only the loading is shared.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Ended:
    """How a command ended: its exit status, and what it wrote."""

    status: int
    out: str
    err: str


@dataclass
class Console:
    """The command line of the site with this environment; loads Django at the first command."""

    environment: dict[str, str]
    # The program that loads the site: this one, or one that runs more than commands.
    program: str = "tests.console"
    # Where its messages go; into a folder of its own where nothing is given.
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    folder: Any = field(default_factory=lambda: tempfile.TemporaryDirectory(prefix="console-"))

    def run(self, *arguments: str, stdin: str | None = None, timeout: float) -> Ended:
        """Run `manage.py` with these arguments, from any thread; OSError after `timeout` seconds."""
        if self.process is None:
            self.load()
        try:
            return Ended(*json.loads(self._ask(json.dumps([arguments, stdin]).encode(), timeout)))
        except (ConnectionError, ValueError):  # it could not load, or was killed
            return Ended(1, "", self._messages.read_text(errors="replace"))

    def close(self) -> None:
        """End it; commands that still run are not waited for."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        self.folder.cleanup()

    def _ask(self, command: bytes, timeout: float) -> bytes:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(timeout)
            line.connect(self._address)
            line.sendall(command)
            line.shutdown(socket.SHUT_WR)
            with line.makefile("rb") as answer:
                return answer.read()

    @property
    def _address(self) -> str:
        # In a folder of its own with a short name: an address has no more than 107 bytes.
        return str(Path(self.folder.name) / "socket")

    @property
    def _messages(self) -> Path:
        return self.log or Path(self.folder.name) / "log"

    def load(self) -> None:
        """Start it. It is connected to at once: what is asked while it loads waits at the socket."""
        with socket.socket(socket.AF_UNIX) as listening, self._messages.open("ab") as log:
            listening.bind(self._address)
            listening.listen(64)
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.program, str(listening.fileno())],
                cwd=ROOT,
                env=self.environment,
                pass_fds=[listening.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


class Commands(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """Answers every connection in a fork: the command's arguments in, its status and output out."""

    max_children = 64


class Command(socketserver.StreamRequestHandler):
    """One command, in the process that was forked for it."""

    def handle(self) -> None:
        arguments, stdin = json.loads(self.rfile.read())
        with (
            tempfile.TemporaryFile("w+") as given,
            tempfile.TemporaryFile("w+") as out,
            tempfile.TemporaryFile("w+") as err,
        ):
            given.write(stdin or "")
            given.seek(0)
            for number, file in enumerate((given, out, err)):
                os.dup2(file.fileno(), number)
            sys.stdin = given
            status = _status_of(lambda: _manage(arguments))
            sys.stdout.flush()
            sys.stderr.flush()
            answer = [status, _written(out), _written(err)]
        self.wfile.write(json.dumps(answer).encode())


def _manage(arguments: list[str]) -> None:
    from django.core.management import execute_from_command_line
    from django.db import connections

    try:
        execute_from_command_line(["manage.py", *arguments])
    finally:
        connections.close_all()


def _status_of(command: Callable[[], None]) -> int:
    """The exit status that Python would end with."""
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _written(file: Any) -> str:
    """All of a file, which another position of the same file wrote."""
    file.seek(0)
    return str(file.read())


def load() -> None:
    """Load the site, with all that a command with system checks would load."""
    import django
    from django.urls import get_resolver

    from server.supervisor import end_with_parent

    end_with_parent()
    django.setup()
    _ = get_resolver().url_patterns


def answer(number: int) -> None:
    """Run commands for ever: those that come over the listening socket of this number."""
    with Commands("", Command, bind_and_activate=False) as commands:
        commands.socket.close()
        commands.socket = socket.socket(fileno=number)
        commands.serve_forever()


if __name__ == "__main__":
    load()
    answer(int(sys.argv[1]))
