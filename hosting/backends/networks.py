"""The network that removes backgrounds: whether its weights are there, are to be fetched, or are on their way.

What costs nothing to ask belongs here, since pages do. `fetching` fetches.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from processing.background import GRABCUT, name_of, weights


def is_wanted() -> bool:
    """Whether the site should fetch the weights of its network now, by its settings. Reads nothing large."""
    if not settings.FETCH_MODELS or weights.is_there(settings.MODELS_DIR, settings.REMBG_MODEL):
        return False
    own = settings.REMBG_MODEL in weights.CUSTOM
    return not own or bool(settings.REMBG_URL and settings.REMBG_SHA256)


@dataclass(frozen=True)
class Status:
    """What removes backgrounds by now, and what becomes of the network's weights.

    engine: as Result.engine names it. fetching: whether they are being fetched; percent: how far that is, None
    where nobody knows. reason: of the last failure; "" where there was none.
    """

    engine: str
    network: str
    fetching: bool = False
    percent: int | None = None
    reason: str = ""

    @property
    def is_network(self) -> bool:
        """Whether the network is there. Whether its file is sound only a worker tells, when it loads it."""
        return self.engine != GRABCUT


def status() -> Status:
    """How the site's settings and files stand now; a few looks at the folder."""
    folder, model = settings.MODELS_DIR, settings.REMBG_MODEL
    name = name_of(model)
    if weights.is_there(folder, model):
        return Status(name, name)
    state, fetching = Record(folder, model).read(), _is_held(folder)
    whole, reason = state.get("whole"), state.get("reason", "")
    if not fetching:
        return Status(GRABCUT, name, reason=reason)
    have = size_of(part_of(folder, model))
    return Status(GRABCUT, name, True, min(99, 100 * have // whole) if whole else None)


class Record:
    """What the process that fetches tells those that show it, in a file beside the weights."""

    def __init__(self, folder: Path, model: str) -> None:
        self._path = folder / f"{model}.onnx.state"

    def write(self, *, whole: int | None = None, reason: str = "") -> None:
        """Best effort: a disk without room must not hide why."""
        new = self._path.with_suffix(".written")
        with contextlib.suppress(OSError):
            new.write_text(json.dumps({"whole": whole, "reason": reason}))
            new.replace(self._path)

    def read(self) -> dict[str, Any]:
        """whole: bytes; reason: of the last failure. Empty where nothing is known."""
        try:
            values = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}

    def forget(self) -> None:
        """There is nothing to tell any more."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def part_of(folder: Path, model: str) -> Path:
    """What has come of a file by now."""
    return folder / f"{model}.onnx.part"


def size_of(file: Path) -> int:
    """Its bytes; 0 where there is none."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _is_held(folder: Path) -> bool:
    try:
        seen = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(seen, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(seen)
    return False
