"""A thousand mixed requests, one in ten broken, and five 50-megapixel pictures at once: what stays behind.

Run by `make bench`. `MIXED=200` asks fewer. What has to hold: no process above a gigabyte, no temporary file,
no orphan, no count that is off, and no memory that grows from the second half to the end.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import urllib3
from PIL import Image

from bench.upload import peak_mb
from tests import pictures
from tests.live import Site

REQUESTS = int(os.environ.get("MIXED") or "1000")
CLIENTS = 4
BROKEN_SHARE = 0.1
LARGE = (8660, 5774)  # 50 megapixels
MOST_MB = 1000

# Endpoint, file name, sample, parameters.
REQUEST_KINDS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("upload", "a.jpg", "jpeg", {}),
    ("upload", "a.gif", "gif", {}),
    ("compress-image", "a.jpg", "jpeg", {}),
    ("compress-image", "a.png", "png", {}),
    ("compress/jpg", "a.jpg", "jpeg", {}),
    ("compress/png", "a.png", "png", {}),
    ("compress/gif", "a.gif", "gif", {}),
    ("compress/svg", "a.svg", "svg", {}),
    ("convert/png-to-jpg", "a.png", "png", {}),
    ("convert/jpg-to-png", "a.jpg", "jpeg", {}),
    ("convert/heic-to-jpg", "a.heic", "heic", {}),
    ("convert/webp-to-jpg", "a.webp", "webp", {}),
    ("convert/jpg-to-webp", "a.jpg", "jpeg", {}),
    ("resize-image", "a.tiff", "tiff", {"width": "100"}),
    ("resize-image", "a.jpg", "jpeg", {"width": "300", "height": "200"}),
    ("crop-image", "a.png", "png", {"x": "5", "y": "5", "width": "40", "height": "30"}),
)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "data") as site:
        key = site.manage("create_api_key", "bench").strip()
        site.manage("set_account", "bench", "--unmetered")
        site.manage("set_account", "bench", "--storage-limit", str(10**12))
        print(f"{REQUESTS} mixed requests, {BROKEN_SHARE:.0%} of them broken, {CLIENTS} clients")
        _mixed(site, key)
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "data") as site:
        key = site.manage("create_api_key", "bench").strip()
        site.manage("set_account", "bench", "--unmetered")
        site.manage("set_account", "bench", "--storage-limit", str(10**12))
        _large(site, key)


def _mixed(site: Site, key: str) -> None:
    random.seed(20)
    todo = [_request(key, number) for number in range(REQUESTS)]
    half = len(todo) // 2
    answers = _ask_all(site, todo[:half])
    resting = _resident(site)
    answers += _ask_all(site, todo[half:])
    print(f"answers: {dict(sorted(answers.items()))}")
    for pid, before in resting.items():
        now = _resident(site).get(pid)
        print(f"  process {pid}: {before:.0f} MB after half, {now or 0:.0f} MB at the end")
    _check_nothing_stays(site)


def _request(key: str, number: int) -> tuple[str, dict[str, Any]]:
    endpoint, name, sample, parameters = random.choice(REQUEST_KINDS)
    data = pictures.sample(sample)
    if sample == "jpeg":
        data = pictures.distinct(data, number)
    if random.random() < BROKEN_SHARE:
        data = random.choice((data[: len(data) // 3], b"", b"not a picture", data[::-1]))
    field = "file" if endpoint == "upload" else "image"
    return f"/v1/{endpoint}", {"api_key": key, field: (name, data), **parameters}


def _ask_all(site: Site, todo: list[tuple[str, dict[str, Any]]]) -> Counter[int]:
    waiting, answers, lock = list(todo), Counter[int](), threading.Lock()

    def client() -> None:
        http = urllib3.PoolManager(maxsize=1, retries=False)
        while True:
            with lock:
                if not waiting:
                    return
                path, fields = waiting.pop()
            status = http.request("POST", site.url + path, fields=fields).status
            with lock:
                answers[status] += 1

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _resident(site: Site) -> dict[int, float]:
    return {p.pid: p.memory_info().rss / 1e6 for p in site.processes()}


def _check_nothing_stays(site: Site) -> None:
    time.sleep(1)
    left = [path.name for path in (site.folder / "tmp").iterdir()]
    print(f"temporary files left: {len(left)} {left[:5] or ''}")
    print(f"find_orphans: {site.manage('find_orphans').strip()}")


def _large(site: Site, key: str) -> None:
    large = _large_jpeg()
    print(f"\nfive pictures of {LARGE[0]} x {LARGE[1]} at once ({len(large) / 1e6:.0f} MB each)")
    for endpoint, parameters in (
        ("resize-image", {"width": "4000"}),
        ("compress/jpg", {}),
        ("convert/jpg-to-webp", {}),
        ("convert/jpg-to-png", {}),
        ("upload", {}),
    ):
        field = "file" if endpoint == "upload" else "image"
        todo: list[tuple[str, dict[str, Any]]] = [
            (
                f"/v1/{endpoint}",
                {"api_key": key, field: ("a.jpg", pictures.distinct(large, n)), **parameters},
            )
            for n in range(5)
        ]
        started = time.perf_counter()
        answers = _ask_five(site, todo)
        took = time.perf_counter() - started
        most = max(peak_mb(process.pid) for process in site.processes())
        verdict = "" if most < MOST_MB else f"  ABOVE {MOST_MB} MB"
        print(f"{endpoint:<22} {took:6.1f} s  {dict(answers)}  peak so far {most:5.0f} MB{verdict}")


def _ask_five(site: Site, todo: list[tuple[str, dict[str, Any]]]) -> Counter[int]:
    answers: Counter[int] = Counter()

    def one(path: str, fields: dict[str, Any]) -> None:
        http = urllib3.PoolManager(retries=False, timeout=600)
        answers[http.request("POST", site.url + path, fields=fields).status] += 1

    threads = [threading.Thread(target=one, args=request) for request in todo]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _large_jpeg() -> bytes:
    stream = BytesIO()
    small = pictures.texture(2165, 1444)
    tile = Image.new("RGB", LARGE)
    for top in range(0, LARGE[1], small.height):
        for left in range(0, LARGE[0], small.width):
            tile.paste(small, (left, top))
    tile.save(stream, "JPEG", quality=90)
    return stream.getvalue()


if __name__ == "__main__":
    main()
