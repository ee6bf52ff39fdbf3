"""Jobs: from POST to done beside the processing alone, and what fifty pollers cost the workers.

The pollers run on this machine too, so the processor's time of the site and theirs are told apart: what they
take themselves, they would take of another machine. Each polled round stands between two quiet ones, and by
how much those differ is printed too: on a busy or a rented machine that is more than the effect measured.

Run by `make bench`. `PHOTOS=folder` measures on photos instead of a made texture.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import urllib3

from bench import pictures
from tests.live import Site

RUNS = 5
POLLERS = 50
POLL_SECONDS = 1.0
JOBS = 3
ROUNDS = 7
FIELDS = {"target_size": "400KB", "output": "jpeg"}

ALONE = """
import statistics, sys, time
from processing import Limits, compress_to
data = open(sys.argv[1], "rb").read()
times = []
for _ in range(int(sys.argv[2])):
    started = time.perf_counter()
    compress_to(data, Limits(), target=400 * 1024, format="jpeg")
    times.append(time.perf_counter() - started)
print(statistics.median(times))
"""


def main() -> None:
    """Measure and print."""
    photo = pictures.camera_jpeg()
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "data") as site:
        key = site.manage("create_api_key", "bench").strip()
        site.manage("set_account", "bench", "--unmetered")
        limits = ("--storage-limit", str(10**12), "--daily-compressions", "100000")
        site.manage("set_account", "bench", *limits)
        _done(site, _post(site, key, photo))
        alone = [_alone(photo)]
        through = statistics.median(
            _timed(lambda: _done(site, _post(site, key, photo))) for _ in range(RUNS)
        )
        alone.append(_alone(photo))
        base = statistics.mean(alone)
        print(f"12-megapixel JPEG to {FIELDS['target_size']}, no load")
        print(f"  the processing alone {base * 1000:6.0f} ms")
        print(
            f"  from POST to done    {through * 1000:6.0f} ms "
            f"(at most {(1.2 * base + 0.2) * 1000:.0f})"
        )
        _print_pollers(site, key, photo)


def _print_pollers(site: Site, key: str, photo: bytes) -> None:
    url = _post(site, key, photo)
    _done(site, url)
    ratios, between, web, client = [], [], [], []
    quiet = _timed(lambda: _work_off(site, key, photo))
    for _ in range(ROUNDS):
        with _Pollers(site, url) as pollers:
            polled = _timed(lambda: _work_off(site, key, photo))
        before, quiet = quiet, _timed(lambda: _work_off(site, key, photo))
        ratios.append(2 * polled / (before + quiet))
        between.append(abs(quiet / before - 1))
        web.append(pollers.web / pollers.count)
        client.append(pollers.client / pollers.count)
        rate = pollers.count / pollers.seconds
    print(
        f"\n{JOBS} jobs with {POLLERS} pollers, each every {POLL_SECONDS:.0f} s ({rate:.0f} a second), take "
        f"{statistics.median(ratios) - 1:+.1%} longer (at most +5 %; "
        f"quiet rounds differ by {statistics.median(between):.1%}, at the most {max(between):.1%})"
    )
    print(
        f"  processor's time for a poll: the site {statistics.median(web) * 1e6:.0f} us, "
        f"the pollers themselves {statistics.median(client) * 1e6:.0f} us"
    )


def _web_seconds(site: Site) -> float:
    """What the web server's processes have taken of the processor so far."""
    return float(
        sum(
            sum(process.cpu_times()[:2])
            for process in site.processes()
            if "celery" not in process.cmdline()
        )
    )


def _alone(photo: bytes) -> float:
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(photo)
        file.flush()
        values = subprocess.run(
            [sys.executable, "-c", ALONE, file.name, str(RUNS)],
            capture_output=True, text=True, check=True, env=dict(os.environ),
        )  # fmt: skip
    return float(values.stdout)


def _post(site: Site, key: str, photo: bytes) -> str:
    """Send a photo; returns the URL of its result."""
    fields = {"file": ("photo.jpg", photo), **FIELDS}
    answer = site.post("/api/v1/compress", fields=fields, headers={"X-API-Key": key})
    if answer.status != 202:
        raise RuntimeError(answer.text)
    return str(answer.json()["result_url"])


def _done(site: Site, url: str) -> None:
    """Wait for the result; fail where it is no success."""
    while (values := site.get(url).json())["status"] == "processing":
        time.sleep(0.02)
    if values["status"] != "done":
        raise RuntimeError(str(values))


def _work_off(site: Site, key: str, photo: bytes) -> None:
    for url in [_post(site, key, photo) for _ in range(JOBS)]:
        while site.get(url).json()["status"] == "processing":
            time.sleep(0.2)


def _timed(do: Callable[[], None]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


class _Pollers:
    """Clients that ask for one result again and again, for a `with` block."""

    def __init__(self, site: Site, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._poll, args=(n,)) for n in range(POLLERS)]
        self.count = 0
        # Of the wall clock; of the processor in the site's web server, and in this process.
        self.seconds = self.web = self.client = 0.0
        self._site = site

    def _poll(self, number: int) -> None:
        http = urllib3.PoolManager(maxsize=1)
        # Not all at the same moment.
        self._stop.wait(POLL_SECONDS * number / POLLERS)
        while not self._stop.is_set():
            http.request("GET", self._url)
            self.count += 1
            self._stop.wait(POLL_SECONDS)

    def __enter__(self) -> _Pollers:
        self.seconds = -time.perf_counter()
        self.web, self.client = -_web_seconds(self._site), -time.process_time()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.seconds += time.perf_counter()
        self.web += _web_seconds(self._site)
        self.client += time.process_time()


if __name__ == "__main__":
    main()
