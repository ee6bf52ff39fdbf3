"""Changed files of every format, at every endpoint that takes a picture: none is too much for the site.

MUTANTS says how many are sent, a thousand to a site. Parts are chosen by their number:
`MUTANTS=20000 pytest tests/api/test_mutated_files.py -s -k "part-7]"`. The same number is always the same file
at the same endpoint.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.light import LightSite
from tests.live import PATIENCE, Answer, Site
from tests.mutants import Mutant, mutant
from tests.mutants.samples import SAMPLES

pytestmark = [pytest.mark.live, pytest.mark.slow]

MUTANTS = int(os.environ.get("MUTANTS", "400"))
PART = 1000
# Far more than a part takes.
PART_SECONDS = 1800

EVERY = tuple(SAMPLES)
STILLS = ("jpeg", "png", "gif", "webp", "bmp", "tiff")
PHOTOS = ("jpeg", "png", "webp")

STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("resize", {"width": 30, "height": 40, "fit": "cover"}),
    ("crop", {"x1": 1, "y1": 2, "x2": 20, "y2": 21}),
    ("rotate", {"angle": 33}),
    ("mirror", {"mode": "both"}),
    ("convert", {"format": "webp"}),
    ("blur", {"sigma": 3}),
    ("modulate", {"brightness": 20}),
)


@dataclass
class Visitor:
    """A member who sends files, and what came of them."""

    site: Site
    key: str
    # By endpoint and format: how many were accepted, refused, or met a busy site.
    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    waiting: list[tuple[Mutant, str]] = field(default_factory=list)
    steps: Iterator[tuple[str, dict[str, Any]]] = field(default_factory=lambda: cycle(STEPS))
    # By endpoint: of the time that answers took, the sum and the longest.
    seconds: dict[str, tuple[float, float]] = field(default_factory=dict)

    def send(self, endpoint: str, one: Mutant) -> None:
        """Send a file to an endpoint of ENDPOINTS and note what came of it."""
        started = time.monotonic()
        answer = ENDPOINTS[endpoint].send(self, one)
        took, (total, most) = time.monotonic() - started, self.seconds.get(endpoint, (0.0, 0.0))
        self.seconds[endpoint] = (total + took, max(most, took))
        count = self.counts.setdefault((endpoint, one.format), Counter())
        if answer.status == 503 and "Retry-After" in answer.headers:
            count["busy"] += 1
        elif answer.status >= 500:
            self.fail(endpoint, one, f"{answer.status} {answer.text[:200]}")
        else:
            count["accepted" if self.accepts(endpoint, one, answer) else "refused"] += 1

    def accepts(self, endpoint: str, one: Mutant, answer: Answer) -> bool:
        """Whether the file was taken. Imghippo's answers to several files at a time say so within."""
        try:
            told = answer.json()
        except ValueError:
            self.fail(endpoint, one, f"no JSON: {answer.data[:100]!r}")
            return False
        return answer.status < 300 and not told.get("summary", {}).get("failed")

    def fail(self, endpoint: str, one: Mutant, reason: str) -> None:
        self.failures.append(f"{endpoint} {one.number} {one.format} ({one.change}): {reason}")

    def post(self, path: str, data: bytes, part: str = "file", **fields: str) -> Answer:
        """A multipart form with the file, as this member."""
        # The native API knows no such field, and Imghippo's no such header.
        imghippo = path.startswith("/v1/") and not path.startswith("/v1/images/")
        key = {"api_key": self.key} if imghippo else {}
        form = {part: ("a", data), **key, **fields}
        return self.site.post(path, fields=form, headers={"X-API-Key": self.key})

    def finish(self) -> None:
        """Wait for the jobs: each ends, and none for a fault of the site."""
        until = time.monotonic() + PATIENCE
        for one, url in self.waiting:
            while (told := self.site.get(url).json()) == {"status": "processing"}:
                assert time.monotonic() < until, "a job does not end"
                time.sleep(0.02)
            count = self.counts[("imgsmaller", one.format)]
            count["made" if told["status"] == "done" else "failed"] += 1
            if "side" in json.dumps(told):
                self.fail("imgsmaller", one, json.dumps(told))
        self.waiting.clear()


@dataclass(frozen=True)
class Endpoint:
    """How a file is sent to an endpoint, and the formats that it takes."""

    send: Callable[[Visitor, Mutant], Answer]
    formats: tuple[str, ...] = EVERY
    # Of as many files as others get one.
    share: int = 1


def form(path: str, part: str = "file", **fields: str) -> Callable[[Visitor, Mutant], Answer]:
    return lambda who, one: who.post(path, one.data, part, **fields)


def reduce(who: Visitor, one: Mutant) -> Answer:
    """A job of ImgSmaller's. Its queue holds a bounded number: it is waited for now and then."""
    answer = who.post("/api/v1/compress", one.data, target_size="1KB")
    if answer.status == 202:
        who.waiting.append((one, answer.json()["result_url"]))
        if len(who.waiting) >= 20:
            who.finish()
    return answer


def transform(who: Visitor, one: Mutant) -> Answer:
    """An upload to IMG Processing, and a transformation of what came of it."""
    sent = who.post("/v1/images/upload", one.data, "image", name="A picture")
    if sent.status != 201:
        return sent
    step, parameters = next(who.steps)
    return who.site.post(
        f"/v1/images/{sent.json()['id']}/{step}",
        body=json.dumps(parameters),
        headers={"X-API-Key": who.key, "Content-Type": "application/json"},
    )


ENDPOINTS: Mapping[str, Endpoint] = {
    "chevereto": Endpoint(form("/api/1/upload", "source")),
    "imgbb": Endpoint(form("/1/upload", "image")),
    "native": Endpoint(form("/api/v2/files"), share=2),
    "imghippo upload": Endpoint(form("/v1/upload")),
    "compress-image": Endpoint(form("/v1/compress-image", "image"), ("jpeg", "png", "webp", "gif")),
    "compress/jpg": Endpoint(form("/v1/compress/jpg", "image"), ("jpeg",)),
    "compress/png": Endpoint(form("/v1/compress/png", "image"), ("png",)),
    "compress/gif": Endpoint(form("/v1/compress/gif", "image"), ("gif",)),
    "compress/svg": Endpoint(form("/v1/compress/svg", "image"), ("svg",)),
    "png-to-jpg": Endpoint(form("/v1/convert/png-to-jpg", "image"), ("png",)),
    "jpg-to-png": Endpoint(form("/v1/convert/jpg-to-png", "image"), ("jpeg",)),
    "heic-to-jpg": Endpoint(form("/v1/convert/heic-to-jpg", "image"), ("heic",)),
    "webp-to-jpg": Endpoint(form("/v1/convert/webp-to-jpg", "image"), ("webp",)),
    "jpg-to-webp": Endpoint(form("/v1/convert/jpg-to-webp", "image"), ("jpeg",)),
    "resize-image": Endpoint(form("/v1/resize-image", "image", width="31", height="17"), STILLS),
    "crop-image": Endpoint(
        form("/v1/crop-image", "image", x="3", y="2", width="21", height="17"), STILLS
    ),
    "remove-background": Endpoint(form("/v1/remove-background", "image"), PHOTOS),
    "imgsmaller": Endpoint(reduce, ("jpeg", "png", "webp", "gif", "avif", "heic", "bmp", "tiff")),
    "img processing": Endpoint(transform, share=2),
}
TURNS = [name for name, endpoint in ENDPOINTS.items() for _ in range(endpoint.share)]


def at(number: int) -> tuple[str, Mutant]:
    """The endpoint and the file of a number: every endpoint in turn, and there every format in turn."""
    name = TURNS[number % len(TURNS)]
    formats = ENDPOINTS[name].formats
    return name, mutant(number, formats[number // len(TURNS) % len(formats)])


def processes(site: Site) -> dict[psutil.Process, str]:
    """The site's lasting processes and their commands, without the decoders' children, which come and go."""
    commands: dict[psutil.Process, str] = {}
    for process in site.processes():
        # Of a command that has ended, the console may not have taken note yet.
        with suppress(psutil.NoSuchProcess):
            commands[process] = " ".join(process.cmdline())
    return {one: said for one, said in commands.items() if said and "sandbox/child.py" not in said}


def left_behind(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {"TMPDIR": str(scratch), "ALLOW_DUPLICATES": "True"}
    with LightSite(tmp_path / "data", env=env) as running:
        yield running


@pytest.mark.timeout(PART_SECONDS)
@pytest.mark.parametrize("part", range(-(-MUTANTS // PART)), ids="part-{}".format)
def test_no_changed_file_fails_ends_a_process_or_leaves_anything(
    part: int, site: Site, tmp_path: Path
) -> None:
    key = site.manage("create_api_key", "mutants", "--scopes", "everything").strip()
    site.manage("set_account", "mutants", "--unmetered", "--storage-limit", str(10**11))
    who = Visitor(site, key)
    who.send(*at(0))
    # A command's own process may still be about to end.
    time.sleep(1)
    before = processes(site)
    for number in range(part * PART, min(MUTANTS, (part + 1) * PART)):
        who.send(*at(number))
    who.finish()
    print_counts(who)
    assert who.failures == []
    ended = before.keys() - processes(site).keys()
    assert not [before[process] for process in ended], "a process has ended"
    assert "Traceback" not in site.log
    assert left_behind(site.folder / "tmp") == []
    assert left_behind(tmp_path / "scratch") == []
    assert site.manage("find_orphans", "--dry-run").strip() == "0 found."


def print_counts(who: Visitor) -> None:
    for (endpoint, format), count in sorted(who.counts.items()):
        told = ", ".join(f"{number} {what}" for what, number in sorted(count.items()))
        print(f"{endpoint:20} {format:6} {told}")
    for endpoint, (total, most) in sorted(who.seconds.items()):
        print(f"{endpoint:20} {total:6.1f} s in all, the longest {most:.1f} s")
