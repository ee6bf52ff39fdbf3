"""thumbor: a server of its own on 127.0.0.1, one process, that keeps no results."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import urllib3

from bench.peers import Made
from tests.live import free_port

PROGRAM = Path(__file__).parents[2] / ".venv" / "thumbor" / "bin" / "thumbor"

CONFIGURATION = """
LOADER = "thumbor.loaders.file_loader"
FILE_LOADER_ROOT_PATH = {folder!r}
STORAGE = "thumbor.storages.no_storage"
ALLOW_UNSAFE_URL = True
RESPECT_ORIENTATION = True
QUALITY = 85
"""


def installed() -> bool:
    """Whether scripts/peers.sh could install it."""
    return (PROGRAM.parents[1] / ".installed").exists()


class Thumbor:
    """A server for the files of one folder. Use as a context."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._folder = tempfile.TemporaryDirectory()
        configuration = Path(self._folder.name) / "thumbor.conf"
        configuration.write_text(CONFIGURATION.format(folder=str(folder)))
        self._http = urllib3.PoolManager(maxsize=1, retries=False)
        self._process = subprocess.Popen(
            [PROGRAM, "--ip", "127.0.0.1", "--port", str(self._port), "--conf", configuration,
             "--log-level", "error"],
        )  # fmt: skip
        self._wait()

    def run(self, path: str, source: Path) -> Made:
        """The answer to /unsafe/<path>/<source>."""
        started = time.perf_counter()
        answer = self._http.request("GET", self._url(f"unsafe/{path}/{source.name}"))
        seconds = time.perf_counter() - started
        if answer.status != 200:
            raise RuntimeError(f"thumbor: {answer.status} for {path}")
        return Made(answer.data, seconds)

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/{path}"

    def _wait(self) -> None:
        for _ in range(100):
            try:
                self._http.request("GET", self._url("healthcheck"))
                return
            except urllib3.exceptions.HTTPError:
                time.sleep(0.2)
        raise RuntimeError("thumbor does not answer")

    def __enter__(self) -> Thumbor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()
