"""Pictures of public suites: every file is taken in or refused as it should be, and looks as its suite says.

They come with packages and are no part of this repository: from Debian's (packages.txt) and from the sources of
PyPI's (requirements/suites.txt, unpacked by scripts/suites.sh).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from processing import (
    OPERATIONS,
    Limits,
    Output,
    Pipeline,
    ProcessingError,
    Recipe,
    ingest,
    run,
)
from tests.live import ROOT
from tests.packages import missing

FILES = ROOT / ".venv" / "suites"
THUMB = Recipe(Pipeline((OPERATIONS["cover"](width=64, height=64),)), Output("auto"))


def unpacked(package: str, folder: str) -> Path:
    """A folder in the sources of a package of PyPI; a skip where they were not fetched, in CI a failure."""
    found = next(FILES.glob(f"{package}-*"), None)
    if found is None:
        message = f"the sources of {package} are missing: run scripts/suites.sh"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return found / folder


def installed(package: str, folder: str) -> Path:
    """A folder that a Debian package installs."""
    path = Path("/usr/libexec/installed-tests") / folder
    return path if path.is_dir() else missing(folder, package)


@dataclass
class Outcome:
    """What came of a suite: the codes of those that were refused, and what does not look right."""

    accepted: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    compared: int = 0
    wrong: dict[str, object] = field(default_factory=dict)

    def take(self, name: str, data: bytes) -> bool:
        """Upload the file; whether it was accepted."""
        try:
            ingest(data, recipes={"thumb": THUMB}, limits=Limits())
        except ProcessingError as error:
            self.refused[name] = error.code
            return False
        self.accepted += 1
        return True

    def compare(self, name: str, seen: Any, right: Any, tolerance: float) -> None:
        """Compare pixels of rows x columns x RGBA, by the largest difference of any that is not invisible."""
        self.compared += 1
        if seen.shape != right.shape:
            self.wrong[name] = f"{seen.shape}, not {right.shape}"
            return
        apart = np.abs(premultiplied(seen) - premultiplied(right)).max(initial=0)
        if apart > tolerance:
            self.wrong[name] = float(apart)

    def judge(self, suite: str, refused: Mapping[str, str]) -> None:
        """Print a row of the table of suites, and fail where anything is wrong or refused otherwise."""
        print(
            f"{suite:22} {self.accepted + len(self.refused):4} files, {self.accepted:4} accepted, "
            f"{len(self.refused):3} refused, {self.compared:4} compared, {len(self.wrong)} wrong"
        )
        assert self.accepted
        assert self.wrong == {}
        assert self.refused == refused


def refusals(code: str, names: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(names, code)


def premultiplied(pixels: Any) -> Any:
    """Colours times alpha: those of what is invisible do not count."""
    pixels = pixels.astype(np.float32)
    alpha = pixels[..., 3:]
    return np.concatenate([pixels[..., :3] * (alpha / 255), alpha], axis=2)


def pixels(data: bytes) -> Any:
    """Rows x columns x RGBA of a picture that another program has made."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def made(data: bytes) -> Any:
    """The same of what the library makes of a file."""
    return pixels(run(data, Pipeline(), Output("png"), Limits()).data)
