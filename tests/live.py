"""A whole running site for tests: its own folder, its own port, its own processes, all gone at the end."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import urllib3

from tests.console import Console

ROOT = Path(__file__).resolve().parent.parent
# Far longer than anything takes on the slowest machine: it ends what hangs and measures nothing.
PATIENCE = 120


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def furnished() -> Path:
    """A folder with what the first start of a site makes; made once for all processes of a test run."""
    shared = os.environ.get("TESTS_SHARED_DIR") or tempfile.mkdtemp(prefix="vitrine-tests-")
    folder = Path(shared) / "data"
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "static" / ".sources").is_file():
            folder.mkdir(exist_ok=True)
            site = Site(folder)
            site.shell(
                "from server.management.commands import serve; serve.migrate(); serve.collect_static()"
            )
            site.stop()
    return folder


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Any
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode()

    def json(self) -> Any:
        return json.loads(self.data)


@dataclass
class Site:
    """One site: started by `start`, ended by `stop` or `kill`; `folder` is its DATA_DIR."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    # Whether everything is made by the first start itself, as on an operator's machine.
    bare: bool = False
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    console: Console | None = None
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(retries=False, timeout=PATIENCE, maxsize=64)
    )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "PYTEST_"))}
        return {
            **kept,
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "SITE_URL": self.url,
            "ADMIN_PASSWORD": "correct horse battery",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            # No site of a test reaches for the internet.
            "FETCH_MODELS": "False",
            **self.env,
        }

    def start(self) -> Site:
        """Start it and wait until it answers."""
        self.furnish()
        log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.await_health(self.process)
        return self

    def furnish(self) -> None:
        """Make the folder, with a migrated database and packed static files: most of a first start."""
        if self.bare or self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            return
        made = furnished()
        shutil.copytree(made / "static", self.folder / "static")
        if "DATABASE_URL" not in self.env:
            shutil.copy2(made / "vitrine.db", self.folder)

    def await_health(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the site answers; fail with its log where `process` ends or time runs out."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(urllib3.exceptions.HTTPError):
                if self.get("/healthz").status == 200:
                    return
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"the site did not start:\n{self.log[-3000:]}")

    @property
    def log(self) -> str:
        return (self.folder.parent / f"{self.folder.name}.log").read_text(errors="replace")

    def temporary(self) -> list[str]:
        """What lies in its folder of temporary files, but for what its running processes keep there."""
        names = (path.name for path in (self.folder / "tmp").iterdir())
        return sorted(name for name in names if not name.startswith("pymp-"))

    def processes(self) -> list[psutil.Process]:
        """The site's processes, the first one before its children."""
        if self.process is None or not psutil.pid_exists(self.process.pid):
            return []
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def __enter__(self) -> Site:
        """Run it for a `with` block; a start that fails leaves nothing running either."""
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it as an operator does."""
        if self.console is not None:
            self.console.close()
            self.console = None
        if self.process is None:
            return
        processes = self.processes()
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        _end(processes)
        self.process = None

    def kill(self) -> None:
        """End all of it at once, as a power cut does to processes."""
        _end(self.processes())
        if self.process is not None:
            self.process.wait(PATIENCE)
        self.process = None

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a management command of the site; return what it printed."""
        if self.console is None:
            self.console = Console(self.environment)
        ended = self.console.run(*arguments, stdin=stdin, timeout=2 * PATIENCE)
        assert ended.status == 0, ended.err[-3000:]
        return ended.out

    def shell(self, code: str) -> str:
        """Run Python inside the site; return what it printed."""
        return self.manage("shell", "--no-imports", "-c", code)

    def request(self, method: str, path: str, **options: Any) -> Answer:
        """Ask the site; redirects are not followed."""
        url = path if path.startswith("http") else self.url + path
        options.setdefault("redirect", False)
        answer = self.http.request(method, url, **options)
        return Answer(answer.status, answer.headers, answer.data)

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self.request("POST", path, **options)


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=PATIENCE)
