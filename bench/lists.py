"""Lists of many: explore, a category, a tag and search among 100,000 files, page 1 beside page 1,000.

Run by `make bench`; `FILES=n` makes another number of files. The pages are those of the site itself, asked for
in one process with a database of its own; its rows have no bytes behind them, since no list reads any.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from typing import Any

FILES = int(os.environ.get("FILES", "100000"))
FAR, RUNS = 1000, 15
MOST_QUERIES, MOST_TIMES = 10, 1.5
WORDS = (
    "harbour night market tram garden snow river bridge museum window portrait festival street "
    "forest mountain station bicycle kitchen painting lighthouse"
).split()
# What is asked for. A list that is shorter than FAR pages is followed to its last one.
LISTS = {
    "explore": "/explore",
    "explore, trending": "/explore?sort=trending",
    "explore, most viewed": "/explore?sort=popular",
    "explore, videos": "/explore?kind=videos",
    "one of ten categories": "/category/drawer-3",
    "a tag of one file in 20": "/tag/harbour",
    "search, in every file": "/search?q=picture",
    "search, in one of 20": "/search?q=harbour",
    "search, two words": "/search?q=harbour+night",
}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        manage = [sys.executable, "manage.py"]
        for command in (
            ["migrate", "--verbosity", "0"],
            ["collectstatic", "--no-input", "-v", "0"],
        ):
            subprocess.run([*manage, *command], env=environment, check=True)
        measure = [sys.executable, "-c", "from bench.lists import inside; inside()"]
        subprocess.run(measure, env=environment, check=True)


def inside() -> None:
    """The measuring itself, where DATA_DIR is the measurement's own."""
    import django

    django.setup()
    _fill()
    print(
        f"Lists among {FILES} files: the median of {RUNS} answers, "
        f"at most {MOST_QUERIES} queries, page {FAR} at most {MOST_TIMES} times page 1"
    )
    print(f"  {'':26}{'page 1':>9}{'far page':>10}{'of it':>7}{'ratio':>7}{'queries':>9}")
    for name, url in LISTS.items():
        far, number = _far(url)
        # In turn, so that whatever else the machine does falls upon both.
        near_times, far_times, queries = [], [], 0
        for _ in range(RUNS):
            near_time, near_queries = _timed(url)
            far_time, far_queries = _timed(far)
            near_times.append(near_time)
            far_times.append(far_time)
            queries = max(queries, near_queries, far_queries)
        near_median, far_median = statistics.median(near_times), statistics.median(far_times)
        ratio = far_median / near_median
        held = ratio <= MOST_TIMES and queries <= MOST_QUERIES
        print(
            f"  {name:26}{near_median * 1000:6.1f} ms{far_median * 1000:7.1f} ms{number:7}"
            f"{ratio:7.2f}{queries:9}{'' if held else '  not held'}"
        )


def _timed(url: str) -> tuple[float, int]:
    """Seconds and queries of one answer, to somebody who was never here."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        answer = client.get(url)
        seconds = time.perf_counter() - started
    assert answer.status_code == 200, (url, answer.status_code)
    return seconds, len(queries)


def _far(url: str) -> tuple[str, int]:
    """The address of page FAR, or of the last whole one before it, and its number.

    Its cursor is made of the row before it, as following a thousand links would end in it.
    """
    from unittest import mock
    from urllib.parse import urlencode

    from django.test import Client

    from hosting.catalogue import listing
    from hosting.views.presenting import gallery

    asked: list[tuple[Any, Any]] = []

    def noted(rows: Any, *, order: Any, **others: Any) -> Any:
        asked.append((rows, order))
        return listing.page(rows, order=order, **others)

    with mock.patch.object(gallery, "page", noted):
        Client(SERVER_NAME="localhost").get(url)
    rows, order = asked[0]
    ordered = rows.prefetch_related(None).order_by(f"-{order.field}", "-pk")
    number = min(FAR, ordered.count() // gallery.SIZE)
    if number < 2:
        return url, 1
    last = ordered[(number - 1) * gallery.SIZE - 1]
    cursor = listing.cursor_after(last, order)
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'cursor': cursor})}", number


def _fill() -> None:
    from django.utils import timezone

    from accounts.models import User
    from hosting.catalogue import search
    from hosting.models import Album, Category, HostedFile, Tag, Variant
    from hosting.models.privacy import Privacy

    chance, now = random.Random(20), timezone.now()
    owners = User.objects.bulk_create([User(username=f"member{n}") for n in range(50)])
    privacies = [Privacy.PUBLIC] * 3 + [Privacy.UNLISTED]
    albums = Album.objects.bulk_create(
        [
            Album(name=f"Album {n}", owner=chance.choice(owners), privacy=chance.choice(privacies))
            for n in range(500)
        ]
    )
    Category.objects.bulk_create(
        [Category(name=f"Drawer {n}", url_key=f"drawer-{n}") for n in range(10)]
    )
    drawers = list(Category.objects.filter(url_key__startswith="drawer-"))
    tags = Tag.objects.bulk_create([Tag(name=word) for word in WORDS])
    carries = HostedFile.tags.through
    for first in range(0, FILES, 5000):
        rows = []
        for number in range(first, min(first + 5000, FILES)):
            album = chance.choice(albums) if chance.random() < 0.5 else None
            is_video = chance.random() < 0.05
            rows.append(
                HostedFile(
                    owner=album.owner if album else chance.choice(owners),
                    album=album,
                    category=chance.choice(drawers),
                    kind="video" if is_video else "image",
                    format="mp4" if is_video else "jpeg",
                    path=f"images/2026/01/01/picture-{number}.jpg",
                    size=chance.randrange(10_000, 5_000_000),
                    width=4000,
                    height=chance.choice([3000, 2250, 6000]),
                    title=f"Picture {number}",
                    privacy=Privacy.PUBLIC if chance.random() < 0.95 else Privacy.PRIVATE,
                    nsfw=chance.random() < 0.03,
                    views=int(chance.paretovariate(1)),
                    heat=chance.random() * 100,
                    created_at=now - timedelta(seconds=60 * (FILES - number)),
                )
            )
        files = HostedFile.objects.bulk_create(rows)
        Variant.objects.bulk_create(
            [
                Variant(
                    file=file, name=name, path=f"{file.path}.{name}.jpg", format="jpeg",
                    size=20_000, width=width, height=320,
                )
                for file in files
                for name, width in (("thumb", 320), ("medium", 500))
            ]
        )  # fmt: skip
        carries.objects.bulk_create(
            [carries(hostedfile_id=file.pk, tag_id=chance.choice(tags).pk) for file in files]
        )
    search.rebuild()


if __name__ == "__main__":
    main()
