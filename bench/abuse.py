"""What strangers who mean harm cost everybody else: each row of the table is one attack on a site of its own.

Run by `make abuse`. Everything goes to 127.0.0.1, in fixed numbers, and ends; `ROWS=bombs,webhooks` runs some.
Visitors come every 150 ms, whether or not those before them were answered.
"""

from __future__ import annotations

import os
import socket
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from io import BytesIO
from pathlib import Path

import urllib3
from PIL import Image

from server.supervisor import allow_many_files
from tests import pictures
from tests.live import Site

VISIT_SECONDS = 0.15
QUIET_SECONDS = 15.0
BOMBS = 10
MOST_RATIO = 1.5
FORM = "/v1/upload"


def main() -> None:
    """Measure and print."""
    allow_many_files()
    wanted = os.environ.get("ROWS", "")
    for name, row in ROWS.items():
        if not wanted or name in wanted.split(","):
            print(f"{name}: {(row.__doc__ or '').strip()}")
            row()
            print()


class Visitors:
    """People who come every VISIT_SECONDS while a `with` block runs, each to every one of `paths`."""

    def __init__(self, site: Site, paths: dict[str, str]) -> None:
        self._site = site
        self._paths = paths
        self._stop = threading.Event()
        self._timer = threading.Thread(target=self._come)
        self._http = urllib3.PoolManager(retries=False, timeout=60, maxsize=64)
        self.seconds: dict[str, list[float]] = {name: [] for name in paths}
        self.failed = 0

    def _come(self) -> None:
        # Enough for a minute of visitors who all wait.
        with ThreadPoolExecutor(400) as people:
            due = time.perf_counter()
            while not self._stop.is_set():
                people.submit(self._visit, time.perf_counter())
                due += VISIT_SECONDS
                self._stop.wait(max(0.0, due - time.perf_counter()))

    def _visit(self, came: float) -> None:
        for name, path in self._paths.items():
            started = time.perf_counter()
            try:
                status = self._http.request("GET", self._site.url + path, redirect=False).status
            except urllib3.exceptions.HTTPError:
                status = 0
            self.seconds[name].append(time.perf_counter() - started)
            self.failed += status != 200

    def __enter__(self) -> Visitors:
        self._timer.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._stop.set()
        self._timer.join()

    def p95(self, name: str) -> float:
        """Seconds that 95 of 100 visitors waited at most."""
        return statistics.quantiles(self.seconds[name], n=20)[-1]


def _compare(site: Site, paths: dict[str, str], attack: Callable[[], object]) -> object:
    """Print each page's p95 while the site is quiet and during the attack; return what that returned."""
    with Visitors(site, paths) as quiet:
        time.sleep(QUIET_SECONDS)
    with Visitors(site, paths) as troubled:
        outcome = attack()
    for name in paths:
        before, during = quiet.p95(name), troubled.p95(name)
        verdict = "" if during <= MOST_RATIO * before else f"  ABOVE {MOST_RATIO}"
        print(
            f"  {name:<16} p95 quiet {before * 1000:7.1f} ms, attacked {during * 1000:8.1f} ms "
            f"({during / before:.2f} times){verdict}"
        )
    print(f"  {len(troubled.seconds[name])} visitors, {troubled.failed} requests failed")
    return outcome


def _with_pictures(site: Site) -> tuple[str, dict[str, str]]:
    """A key of a member with room, and the addresses that visitors ask for."""
    key = site.manage("create_api_key", "bench").strip()
    site.manage("set_account", "bench", "--storage-limit", str(10**12))
    for number in range(30):
        data = pictures.saved(pictures.texture(900, 600, number), "JPEG")
        answer = site.post(FORM, fields={"api_key": key, "file": ("a.jpg", data)})
        assert answer.status == 200, answer.text
    values = answer.json()["data"]
    shown = {name: value.removeprefix(site.url) for name, value in values.items() if "url" in name}
    return key, {
        "/": "/",
        "/explore": "/explore",
        "a view page": shown["view_url"],
        "a public picture": shown["url"],
    }


def _bombs() -> dict[str, bytes]:
    """Small files whose pictures are as large as a site takes: their bytes by their names."""
    flat = Image.new("RGB", (10_000, 10_000), (40, 90, 160))
    made = {}
    for format, options in (("webp", {"lossless": True}), ("png", {"compress_level": 9})):
        stream = BytesIO()
        flat.save(stream, format, **options)
        made[f"a.{format}"] = stream.getvalue()
    stream = BytesIO()
    frames = [Image.new("P", (1280, 1280), number % 2) for number in range(60)]
    frames[0].save(stream, "gif", save_all=True, append_images=frames[1:], duration=100)
    made["a.gif"] = stream.getvalue()
    made["a.svg"] = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="2000"><filter id="f">'
        b'<feTurbulence baseFrequency=".1" numOctaves="1000000"/></filter>'
        b'<rect width="2000" height="2000" filter="url(#f)"/></svg>'
    )
    return made


def bombs() -> None:
    """Ten each of WebP and PNG of 100 megapixels, GIF of 60 large frames and SVG of endless noise, at once."""
    made = _bombs()
    print("  " + ", ".join(f"{name} {len(data):,} bytes" for name, data in made.items()))
    env = {"ALLOW_DUPLICATES": "True"}
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "data", env=env) as site:
        key, paths = _with_pictures(site)
        for name, data in made.items():
            started = time.perf_counter()
            answer = site.post(FORM, fields={"api_key": key, "file": (name, data)})
            print(f"  one {name}: {answer.status} after {time.perf_counter() - started:.1f} s")
        answers: Counter[str] = Counter()

        def send(name: str) -> None:
            started = time.perf_counter()
            answer = site.post(FORM, fields={"api_key": key, "file": (name, made[name])})
            waited = answer.headers.get("Retry-After")
            answers[f"{answer.status}{' Retry-After' if waited else ''}"] += 1
            longest[0] = max(longest[0], time.perf_counter() - started)

        longest = [0.0]

        def attack() -> None:
            with ThreadPoolExecutor(len(made) * BOMBS) as senders:
                list(senders.map(send, list(made) * BOMBS))

        _compare(site, paths, attack)
        print(f"  answers to the attackers: {dict(answers)}, the last after {longest[0]:.1f} s")


def archives() -> None:
    """Twenty downloads of an album's archive that go away after a few bytes."""
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "data") as site:
        _with_pictures(site)
        site.shell(ALBUM)
        address = site.shell(
            "from hosting.models import Album; print(Album.objects.get().public_id)"
        )
        most, stop = [0.0], threading.Event()

        def weigh() -> None:
            while not stop.wait(0.05):
                sizes = []
                for path in (site.folder / "tmp").iterdir():
                    with suppress(OSError):
                        sizes.append(path.stat().st_size)
                most[0] = max(most[0], sum(sizes) / 1e6)

        weighing = threading.Thread(target=weigh)
        weighing.start()
        answers: Counter[int] = Counter()
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", site.port), timeout=60) as client:
                path = f"/album/{address.strip()}/download"
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                answers[int(client.recv(2000).split()[1])] += 1
        time.sleep(2)
        stop.set()
        weighing.join()
        print(f"  answers {dict(answers)}; at most {most[0]:.1f} MB of temporary files")


ALBUM = """
from accounts.models import User
from hosting.models import Album, HostedFile
from hosting.storage import objects
owner = User.objects.get(username="bench")
album = Album.objects.create(owner=owner, name="all")
for file in HostedFile.objects.all():
    data = bytes(2_000_000)
    objects.remove(file.path)
    objects.put(file.area, file.path, data)
    HostedFile.objects.filter(pk=file.pk).update(album=album, size=len(data))
"""


def connections() -> None:
    """4,300 idle connections from one address, for fifteen seconds."""
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "data") as site:
        with ExitStack() as stack:
            for _ in range(4300):
                with suppress(OSError):
                    stack.enter_context(socket.create_connection(("127.0.0.1", site.port), 5))
            began, slowest, failed = time.perf_counter(), 0.0, 0
            while time.perf_counter() - began < 15:
                asked = time.perf_counter()
                try:
                    http = urllib3.PoolManager(retries=False, timeout=60)
                    failed += http.request("GET", site.url + "/healthz").status != 200
                except urllib3.exceptions.HTTPError:
                    failed += 1
                slowest = max(slowest, time.perf_counter() - asked)
                time.sleep(VISIT_SECONDS)
        print(f"  /healthz at most after {slowest:.1f} s, {failed} failed")


def webhooks() -> None:
    """Ten webhooks of one member that never answer, five events each; then another member's job."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    port = listening.getsockname()[1]
    env = {"FETCH_TRUSTED_HOSTS": f"127.0.0.1:{port}"}
    with (
        listening,
        tempfile.TemporaryDirectory() as folder,
        Site(Path(folder) / "data", env=env) as site,
    ):
        key = site.manage("create_api_key", "bench").strip()
        site.shell(HOOKS.replace("PORT", str(port)))
        started = time.perf_counter()
        print(f"  another member's job is done after {_job(site, key) - started:.1f} s")


HOOKS = """
from accounts.models import User
from hosting.models import Delivery, Webhook
owner = User.objects.create(username="slow")
for _ in range(10):
    hook = Webhook.objects.create(owner=owner, url="http://127.0.0.1:PORT/", events=["file.created"])
    for _ in range(5):
        Delivery.objects.create(webhook=hook, event="file.created", body="{}")
from hosting.webhooks import sending
sending.sweep()
"""


def jobs() -> None:
    """Twelve jobs of one account for a photo of 12 megapixels; then one of another for 8 x 8 pixels."""
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder) / "data") as site:
        many, one = (site.manage("create_api_key", name).strip() for name in ("many", "one"))
        photo = pictures.saved(pictures.texture(4000, 3000), "JPEG")
        for number in range(12):
            _begin(site, many, pictures.distinct(photo, number))
        started = time.perf_counter()
        print(f"  the other account's job is done after {_job(site, one) - started:.1f} s")


def _begin(site: Site, key: str, data: bytes) -> str:
    """Send a picture to ImgSmaller's API; returns the URL of its result."""
    fields = {"file": ("a.jpg", data), "target_size": "20KB", "output": "jpeg"}
    answer = site.post("/api/v1/compress", fields=fields, headers={"X-API-Key": key})
    assert answer.status == 202, answer.text
    return str(answer.json()["result_url"])


def _job(site: Site, key: str) -> float:
    """Have a tiny job done; the moment at which it was."""
    url = _begin(site, key, pictures.saved(pictures.texture(8, 8), "JPEG"))
    until = time.perf_counter() + 300
    while site.get(url).json()["status"] == "processing" and time.perf_counter() < until:
        time.sleep(0.1)
    return time.perf_counter()


ROWS: dict[str, Callable[[], None]] = {
    "bombs": bombs,
    "archives": archives,
    "webhooks": webhooks,
    "jobs": jobs,
    "connections": connections,
}


if __name__ == "__main__":
    main()
