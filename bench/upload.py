"""The whole upload of a photo over HTTP, beside B measured in the same run; and the sending of files.

Run by `make bench`. `PHOTOS=folder` measures on photos instead of a made texture.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import urllib3
from urllib3.filepost import encode_multipart_formdata

from bench import baseline, pictures
from tests.live import Site

UPLOADS = {1: 30, 4: 60, 16: 80}
SERVE_SECONDS = 3
BOUNDARY = "a-boundary-that-no-photo-holds"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

INGEST = """
import statistics, sys, time
from pathlib import Path
from hosting.files.variants import recipes
from processing import Limits, ingest
from server.supervisor import keep_freed_memory, share_one_heap
# As in the processes of a site.
share_one_heap()
keep_freed_memory()
data = open(sys.argv[1], "rb").read()
times, spent = [], []
for _ in range(15):
    started, before = time.perf_counter(), time.process_time()
    ingest(data, recipes=recipes(), limits=Limits())
    times.append(time.perf_counter() - started)
    spent.append(time.process_time() - before)
status = Path("/proc/self/status").read_text()
print(statistics.median(times), statistics.median(spent), int(status.split("VmHWM:")[1].split()[0]) / 1024)
"""


@dataclass
class Run:
    """What some clients at once saw: uploads a second, and the latency in seconds."""

    per_second: float
    median: float
    p95: float


def main() -> None:
    """Measure and print."""
    upright, turned = pictures.camera_jpeg(1), pictures.camera_jpeg(6)
    whole = pictures.camera_jpeg(6, pictures.WHOLE_BLOCKS)
    print(
        f"12-megapixel JPEG, {len(upright) / 1e6:.1f} MB, {pictures.SIZE[0]} x {pictures.SIZE[1]}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "data").start()
        try:
            _measure(site, upright, turned, whole)
        finally:
            site.stop()


def _measure(site: Site, upright: bytes, turned: bytes, whole: bytes) -> None:
    key = site.manage("create_api_key", "bench").strip()
    site.manage("set_account", "bench", "--unmetered")
    site.manage("set_account", "bench", "--storage-limit", str(10**12))
    _upload_many(site, key, upright, clients=4, count=16)

    # B before, between and after, so that a noisy minute is seen in both.
    b_one = [baseline.seconds(upright)]
    one = _upload_many(site, key, upright, clients=1, count=UPLOADS[1])
    b_one.append(baseline.seconds(upright))
    rotated = _upload_many(site, key, turned, clients=1, count=UPLOADS[1])
    # B turns the small picture too.
    b_turned = baseline.seconds(turned)
    by_blocks = _upload_many(site, key, whole, clients=1, count=UPLOADS[1])
    b_whole = baseline.seconds(whole)
    b_two = [baseline.per_second(upright)]
    four = _upload_many(site, key, upright, clients=4, count=UPLOADS[4])
    b_two.append(baseline.per_second(upright))
    sixteen = _upload_many(site, key, upright, clients=16, count=UPLOADS[16])
    b, both = statistics.mean(b_one), statistics.mean(b_two)

    print(f"B, plain Pillow: {b * 1000:.0f} ms; {both:.1f} a second in two processes\n")
    print(
        f"{'clients':>9} {'a second':>9} {'median ms':>10} {'p95 ms':>8} {'x B':>6} {'of B in two':>12}"
    )
    for name, run, base in (
        ("1", one, b),
        ("1 turned", rotated, b_turned),
        ("1, blocks", by_blocks, b_whole),
        ("4", four, b),
        ("16", sixteen, b),
    ):
        print(
            f"{name:>9} {run.per_second:9.1f} {run.median * 1000:10.0f} {run.p95 * 1000:8.0f} "
            f"{run.median / base:6.2f} {run.per_second / both:12.0%}"
        )
    print(
        f"\ntargets: as it lies at most 1.3 x B ({one.median / b:.2f}), turned 1.6 x B "
        f"({rotated.median / b_turned:.2f}, by whole blocks {by_blocks.median / b_whole:.2f}); "
        f"turned / as it lies {rotated.median / one.median:.2f}; "
        f"4 clients at least 70 % of B in two processes ({four.per_second / both:.0%})"
    )
    _print_ingest(upright, turned, whole)
    _print_memory(site)
    _print_serving(site, key, upright)


def _upload_many(site: Site, key: str, jpeg: bytes, *, clients: int, count: int) -> Run:
    # Put together before the clock starts: the clients share the server's two cores.
    todo = [_form(pictures.distinct(jpeg)) for _ in range(count)]
    times: list[float] = []
    lock = threading.Lock()

    def client() -> None:
        http = urllib3.PoolManager(maxsize=1, retries=False)
        while True:
            with lock:
                if not todo:
                    return
                sent = todo.pop()
            started = time.perf_counter()
            answer = http.request(
                "POST", f"{site.url}/api/1/upload", body=sent, headers={**FORM, "X-API-Key": key}
            )
            took = time.perf_counter() - started
            if answer.status != 200:
                raise RuntimeError(answer.data.decode())
            with lock:
                times.append(took)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    if len(times) != count:
        raise RuntimeError("an upload failed")
    return Run(count / elapsed, statistics.median(times), statistics.quantiles(times, n=20)[-1])


def _form(jpeg: bytes) -> bytes:
    """The body of a form whose `source` is this file."""
    body, _ = encode_multipart_formdata({"source": ("photo.jpg", jpeg)}, boundary=BOUNDARY)
    return body


def _print_ingest(upright: bytes, turned: bytes, whole: bytes) -> None:
    print("\nthe three files' making alone, in a process of its own")
    took: list[float] = []
    for name, jpeg in (("as it lies", upright), ("turned", turned), ("blocks", whole)):
        with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
            file.write(jpeg)
            file.flush()
            output = subprocess.run(
                [sys.executable, "-c", "import django; django.setup()\n" + INGEST, file.name],
                capture_output=True, text=True, check=True,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            ).stdout.split()  # fmt: skip
        took.append(float(output[1]))
        print(
            f"{name:>10} {float(output[0]) * 1000:6.0f} ms, {float(output[1]) * 1000:.0f} ms of processor, "
            f"peak {float(output[2]):.0f} MB with Python and Django"
        )
    print(
        f"turned / as it lies: {took[1] / took[0]:.2f} of its processor time, "
        f"by whole blocks {took[2] / took[0]:.2f}"
    )


def _print_memory(site: Site) -> None:
    print("\nmemory after the run (resident)")
    for process in site.processes():
        words = " ".join(process.cmdline()[-4:])
        peak = peak_mb(process.pid)
        print(f"{process.memory_info().rss / 1e6:6.0f} MB now, {peak:4.0f} MB peak  {words[:60]}")


def peak_mb(pid: int) -> float:
    """The most memory that a process has had, resident."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _print_serving(site: Site, key: str, jpeg: bytes) -> None:
    answer = site.post(
        "/api/1/upload",
        fields={"source": ("photo.jpg", pictures.distinct(jpeg))},
        headers={"X-API-Key": key},
    ).json()["image"]
    print(f"\nsending, 8 connections, {SERVE_SECONDS} s each (the asking costs the same two cores)")
    for name, url in (("photo", answer["url"]), ("medium", answer["medium"]["url"])):
        count, sent = _fetch_for(url, SERVE_SECONDS)
        rate, megabytes = count / SERVE_SECONDS, sent / SERVE_SECONDS / 1e6
        print(f"{name:>8} {rate:8.0f} requests a second, {megabytes:6.0f} MB a second")


def _fetch_for(url: str, seconds: float) -> tuple[int, int]:
    count = sent = 0
    lock = threading.Lock()
    end = time.perf_counter() + seconds

    def client() -> None:
        nonlocal count, sent
        http = urllib3.PoolManager(maxsize=1, retries=False)
        while time.perf_counter() < end:
            size = len(http.request("GET", url).data)
            with lock:
                count, sent = count + 1, sent + size

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count, sent


if __name__ == "__main__":
    main()
