"""Our engine beside sharp and thumbor: the same files, one after the other, in one run.

Everyone is warm, and everyone reads a file and writes one in memory. Ours is processing.run() in this
process; sharp takes its own time in a warm Node.js process; thumbor is a server, so its time holds a
request on this machine (about 2 ms). Rounds alternate, and a ratio is taken within its round, so that
a noisy minute is the same for all. ENGINES=ours,sharp leaves engines out; ROUNDS=n makes it longer.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from bench import pictures
from bench.peers import Made, sharp, thumbor
from processing import OPERATIONS, Limits, Operation, Output, Pipeline, run

ROUNDS = int(os.environ.get("ROUNDS", "9"))
LIMITS = Limits()

# Of the moving GIF.
FRAMES = 12

# What each is allowed to take, in times of sharp (as it comes: one thread for one picture).
COMMON, OTHER = 1.2, 1.5


def step(name: str, **parameters: Any) -> Operation:
    """An operation by its name in OPERATIONS."""
    return OPERATIONS[name](**parameters)


@dataclass(frozen=True)
class Work:
    """One thing that everyone does. sharp: method calls and options; thumbor: the path of its URL."""

    name: str
    source: str
    pipeline: Pipeline
    output: Output
    sharp: tuple[tuple[Any, ...], ...]
    thumbor: str
    size: tuple[int, int]
    allowed: float = OTHER
    options: Mapping[str, Any] = field(default_factory=dict)


Engine = Callable[[Work], Made]

JPEG85 = ("jpeg", {"quality": 85})
AS_IT_IS = Pipeline()

WORKS = (
    Work(
        "JPEG -> 500 px", "photo.jpg", Pipeline((step("resize", width=500),)), Output("jpeg", 85),
        (("autoOrient",), ("resize", 500), JPEG85), "500x0", (500, 375), COMMON,
    ),
    Work(
        "JPEG -> 320 x 320", "photo.jpg", Pipeline((step("cover", width=320, height=320),)),
        Output("jpeg", 85), (("autoOrient",), ("resize", 320, 320), JPEG85), "320x320", (320, 320),
        COMMON,
    ),
    Work(
        "JPEG -> 1600 px", "photo.jpg", Pipeline((step("resize", width=1600),)), Output("jpeg", 85),
        (("autoOrient",), ("resize", 1600), JPEG85), "1600x0", (1600, 1200), COMMON,
    ),
    Work(
        "PNG -> 800 px", "photo.png", Pipeline((step("resize", width=800),)), Output("png"),
        (("resize", 800), ("png",)), "800x0", (800, 600), COMMON,
    ),
    Work(
        f"GIF, {FRAMES} frames -> 240 px", "moving.gif", Pipeline((step("resize", width=240),)),
        Output("gif", animated=True), (("resize", 240), ("gif",)), "240x0", (240, 180),
        COMMON, {"animated": True},
    ),
    Work(
        "JPEG -> WebP", "photo.jpg", AS_IT_IS, Output("webp", 80),
        (("autoOrient",), ("webp", {"quality": 80})), "filters:format(webp):quality(80)",
        pictures.SIZE,
    ),
    Work(
        "JPEG -> WebP, effort 2", "photo.jpg", AS_IT_IS, Output("webp", 80),
        (("autoOrient",), ("webp", {"quality": 80, "effort": 2})),
        "filters:format(webp):quality(80)", pictures.SIZE,
    ),
    Work(
        "PNG -> JPEG", "photo.png", AS_IT_IS, Output("jpeg", 85), (JPEG85,),
        "filters:format(jpeg):quality(85)", pictures.SIZE,
    ),
)  # fmt: skip


def sources(folder: Path) -> None:
    """Write what is worked on: a photo of 12 megapixels as JPEG and PNG, and a moving GIF."""
    jpeg = pictures.camera_jpeg()
    (folder / "photo.jpg").write_bytes(jpeg)
    photo = Image.open(BytesIO(jpeg)).convert("RGB")
    photo.save(folder / "photo.png", compress_level=6)
    part = photo.resize((800, 600))
    first, *rest = [
        part.crop((4 * n, 3 * n, 4 * n + 480, 3 * n + 360)).quantize(256) for n in range(FRAMES)
    ]
    first.save(
        folder / "moving.gif", save_all=True, append_images=rest, duration=80, loop=0, disposal=1
    )


def timed(work: Callable[[], bytes]) -> Made:
    """What comes out of it, and how long it takes."""
    processor, started = time.process_time(), time.perf_counter()
    data = work()
    return Made(data, time.perf_counter() - started, time.process_time() - processor)


def engines(folder: Path, stack: ExitStack) -> dict[str, Engine]:
    """Everyone who is here, ours first. Who is not is named."""
    wanted = os.environ.get("ENGINES", "ours,sharp,thumbor").split(",")
    data = {path.name: path.read_bytes() for path in folder.iterdir()}

    def ours(work: Work) -> Made:
        source = data[work.source]
        return timed(lambda: run(source, work.pipeline, work.output, LIMITS).data)

    found: dict[str, Engine] = {"ours": ours}
    if "sharp" in wanted and sharp.installed():
        for name, threads in (("sharp", None), ("sharp, all cores", os.cpu_count())):
            peer = stack.enter_context(sharp.Sharp(threads))
            print(f"{name}: {peer.version}, libvips with {peer.threads} thread(s) for one picture")
            found[name] = lambda work, peer=peer: peer.run(  # type: ignore[misc]
                folder / work.source, work.sharp, work.options
            )
    else:
        print("sharp is not measured: not installed by scripts/peers.sh, or not in ENGINES")
    if "thumbor" in wanted and thumbor.installed():
        server = stack.enter_context(thumbor.Thumbor(folder))
        found["thumbor"] = lambda work: server.run(work.thumbor, folder / work.source)
    else:
        print("thumbor is not measured: not installed by scripts/peers.sh, or not in ENGINES")
    return found


def check(work: Work, engine: str, data: bytes) -> None:
    """That the engine did what was asked, and not less."""
    with Image.open(BytesIO(data)) as image:
        frames = getattr(image, "n_frames", 1)
        if image.size != work.size or frames != (FRAMES if work.output.animated else 1):
            raise RuntimeError(f"{engine}, {work.name}: {image.size} and {frames} frames")


def main() -> None:
    """Print the medians of everyone, and how often sharp's time ours is."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sources(folder)
        found = engines(folder, stack)
        print(f"\n{'medians, ms (KB)':<26}" + "".join(f"{name:>18}" for name in found), end="")
        print(f"{'ours / sharp':>14}{'processor':>11}{'allowed':>9}")
        shares = [_compare(work, found) for work in WORKS]
    known = [share for share in shares if share is not None]
    if known:
        print(f"\nthe worst is {max(known):.2f} of what is allowed")


def _compare(work: Work, found: Mapping[str, Engine]) -> float | None:
    """Measure and print one line; ours as a share of what is allowed, None without sharp."""
    made: dict[str, list[Made]] = {name: [] for name in found}
    names = list(found)
    for number in range(ROUNDS + 1):
        # Everyone comes first in turn.
        for name in names[number % len(names) :] + names[: number % len(names)]:
            one = found[name](work)
            if number == 0:
                check(work, name, one.data)
            else:
                made[name].append(one)
    line = f"{work.name:<26}"
    for series in made.values():
        kilobytes = f"({len(series[0].data) / 1e3:.0f})"
        line += f"{statistics.median(one.seconds for one in series) * 1000:>10.0f}{kilobytes:>8}"
    if "sharp" not in made:
        print(line)
        return None
    pairs = list(zip(made["ours"], made["sharp"], strict=True))
    ratio = statistics.median(one.seconds / other.seconds for one, other in pairs)
    processor = statistics.median(
        (one.processor or 0) / (other.processor or 1) for one, other in pairs
    )
    print(f"{line}{ratio:>14.2f}{processor:>11.2f}{work.allowed:>9.1f}", flush=True)
    return ratio / work.allowed


if __name__ == "__main__":
    main()
