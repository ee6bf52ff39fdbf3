"""Servers that a large site runs on, each the tests' own: PostgreSQL and Redis."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live import PATIENCE, free_port


def wait_until(true: Callable[[], bool]) -> None:
    """Wait until it is true; PATIENCE only bounds a hang."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def postgres(needs: Callable[[str, str], str]) -> Iterator[str]:
    """The address of a fresh database in a server of this test's own; fails where it met a deadlock."""
    # Debian keeps the server's programs out of PATH.
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    folder = found[-1] if found else Path(needs("initdb", "postgresql")).parent
    # It refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # Outside pytest's folders, which are for their owner alone.
    folder_of_data = Path(tempfile.mkdtemp(prefix="vitrine-postgres-"))
    data = folder_of_data / "data"
    data.mkdir()
    if as_user:
        for path in (data, folder_of_data):
            shutil.chown(path, "postgres")
    port = free_port()
    subprocess.run(
        [*as_user, folder / "initdb", "-D", data, "-U", "vitrine", "-A", "trust", "-N"],
        check=True, capture_output=True, cwd="/",
    )  # fmt: skip
    log = folder_of_data / "log"
    with log.open("wb") as output:
        # Deadlocks are looked for at once, not after a second: so the tests see what load would bring.
        server = subprocess.Popen(
            [*as_user, folder / "postgres", "-D", data, "-p", str(port), "-k", data, "-h", "127.0.0.1",
             "-c", "deadlock_timeout=20ms", "-c", "fsync=off"],
            stdout=output, stderr=subprocess.STDOUT, cwd="/",
        )  # fmt: skip
    ready = [folder / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "vitrine"]
    try:
        wait_until(lambda: subprocess.run(ready, cwd="/").returncode == 0)
        yield f"postgres://vitrine@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*as_user, folder / "pg_ctl", "stop", "-D", data, "-m", "immediate"], cwd="/"
        )
        server.wait(PATIENCE)
        logged = log.read_text(errors="replace")
        shutil.rmtree(folder_of_data)
    assert "deadlock detected" not in logged, logged


@pytest.fixture(scope="module")
def redis(needs: Callable[[str, str], str]) -> Iterator[str]:
    """The address of a Redis of this test's own."""
    port = free_port()
    server = subprocess.Popen(
        [needs("redis-server", "redis-server"), "--port", str(port), "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    yield f"redis://127.0.0.1:{port}"
    server.terminate()
    server.wait(PATIENCE)
