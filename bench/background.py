"""How well backgrounds are removed: the mean error of alpha on pictures whose alpha is known (`composites`).

With GrabCut, with every network whose weights are in the folder MODELS (a site's MODELS_DIR, var/models unless
told), and with each of them refined by matting. PHOTOS=folder gives photographs as backgrounds, BLUR=12 puts
them out of focus, and KINDS=wheel,leaf leaves the other objects out.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.composites import KINDS, Composite, composites
from processing import OPERATIONS, background
from processing.background import MODELS, weights

REMOVE = OPERATIONS["remove-background"]()


@dataclass
class Found:
    """What one engine did: the error by kind of object, and seconds of the processor."""

    errors: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    seconds: list[float] = field(default_factory=list)

    def measure(self, one: Composite) -> str:
        """Remove one background by the engine in use, and say which that was."""
        started = time.process_time()
        frame, engine = REMOVE.applied(one.picture, one.picture.size)
        self.seconds.append(time.process_time() - started)
        alpha = np.asarray(frame.getchannel("A"), np.float32) / 255
        self.errors[one.kind].append(float(np.abs(alpha - one.alpha).mean()))
        return engine


def engines(folder: Path) -> Iterator[tuple[str, bool]]:
    """The networks that are there, and "" for none; each without and with matting."""
    there = [model for model in MODELS if weights.is_there(folder, model)]
    for model in ("", *there):
        yield from ((model, matting) for matting in (False, True))


def measured(
    model: str, folder: Path, matting: bool, pictures: list[Composite]
) -> tuple[str, Found]:
    """What one engine does with all pictures, and its name. The first picture is tried before, unmeasured."""
    if model:
        background.use(folder, model, matting=matting)
    else:
        background.use(folder / "none", "u2net", matting=matting)
    names = {Found().measure(pictures[0])}
    found = Found()
    names |= {found.measure(one) for one in pictures}
    return " or ".join(sorted(names)), found


def _line(name: str, errors: dict[str, list[float]], kinds: list[str], seconds: str) -> str:
    everything = [error for kind in kinds for error in errors[kind]]
    means = [statistics.fmean(errors[kind]) for kind in kinds]
    cells = "".join(f"{100 * mean:>10.2f}" for mean in (*means, statistics.fmean(everything)))
    return f"{name:<28}{cells}{seconds:>8}"


def main() -> None:
    """Print the table of engines and kinds."""
    wanted = os.environ.get("KINDS", ",".join(KINDS)).split(",")
    kinds = [kind for kind in KINDS if kind in wanted]
    folder = Path(os.environ.get("MODELS", "var/models"))
    made = composites(kinds)
    what = (
        "photographs" if os.environ.get("PHOTOS") else "made textures (PHOTOS=folder: photographs)"
    )
    print(f"background: {len(made)} pictures before {what}")
    print("mean error of alpha in %, and seconds of the processor a picture")
    print(f"{'engine':<28}" + "".join(f"{name:>10}" for name in (*kinds, "all")) + f"{'s':>8}")
    for label, alpha in (("nothing removed", 1.0), ("everything removed", 0.0)):
        errors: dict[str, list[float]] = {kind: [] for kind in kinds}
        for one in made:
            errors[one.kind].append(float(np.abs(alpha - one.alpha).mean()))
        print(_line(label, errors, kinds, ""))
    for model, matting in engines(folder):
        name, found = measured(model, folder, matting, made)
        print(_line(name, found.errors, kinds, f"{statistics.fmean(found.seconds):.2f}"))
    if not any(model for model, _ in engines(folder)):
        print(f"no network in {folder}: manage.py fetch_models, or MODELS=folder")


if __name__ == "__main__":
    main()
