"""sharp (libvips) in a Node.js process that stays warm and takes its own time."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.peers import Made

FOLDER = Path(__file__).parent

Calls = Sequence[Sequence[Any]]


def installed() -> bool:
    """Whether scripts/peers.sh could install it."""
    return (FOLDER / "node_modules" / ".vitrine-installed").exists()


class Sharp:
    """One process with so many threads for one picture; None is what sharp itself takes to be best.

    Use as a context; sources are files, which are read before the time is taken.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._result = Path(self._folder.name) / "result"
        self._process = subprocess.Popen(
            ["node", "sharp.mjs", "default" if threads is None else str(threads)],
            cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        values = self._line()
        self.version, self.threads = str(values["version"]), int(values["threads"])

    def run(self, source: Path, calls: Calls, options: Mapping[str, Any] | None = None) -> Made:
        """The result of sharp(source, options).call(…).call(…).toBuffer()."""
        assert self._process.stdin
        work = {"source": str(source), "options": dict(options or {}), "calls": list(calls)}
        self._process.stdin.write(json.dumps({**work, "result": str(self._result)}) + "\n")
        values = self._line()
        if "error" in values:
            raise RuntimeError(f"sharp: {values['error']}")
        return Made(self._result.read_bytes(), float(values["seconds"]), float(values["processor"]))

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("sharp has ended")
        return dict(json.loads(line))

    def __enter__(self) -> Sharp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()
