"""The server killed in the middle of many uploads: nothing that was answered is lost, nothing is left over."""

from __future__ import annotations

import itertools
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

from tests import pictures
from tests.api.chevereto.conftest import fresh_jpeg
from tests.live import Site

pytestmark = [pytest.mark.live, pytest.mark.slow]

STATE = """
import json
from hosting import storage
from hosting.models import HostedFile, Variant
from accounts.models import User
rows = [(f.area, f.path) for f in HostedFile.objects.all()]
rows += [(v.file.area, v.path) for v in Variant.objects.select_related("file")]
user = User.objects.get(username="alice")
print(json.dumps({
    "rows": len(rows),
    "missing": [path for area, path in rows if not storage.files().exists(f"{area}/{path}")],
    "used": user.storage_used,
    "charged": sum(f.charged for f in HostedFile.objects.filter(owner=user)),
    "files": HostedFile.objects.count(),
    "variants_each": sorted({f.variants.count() for f in HostedFile.objects.all()}),
}))
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of this test's own, which may be killed."""
    running = Site(tmp_path / "data").start()
    yield running
    running.stop()


def upload_all(
    site: Site, key: str, photos: list[bytes]
) -> tuple[list[dict[str, str]], threading.Event]:
    """Begin to send every photo at once; return the answers as they come, and an event for the first ten."""
    answers: list[dict[str, str]] = []
    enough = threading.Event()

    def send(photo: bytes) -> None:
        with suppress(urllib3.exceptions.HTTPError, json.JSONDecodeError):
            answer = site.post(
                "/api/1/upload",
                fields={"source": ("photo.jpg", photo)},
                headers={"X-API-Key": key},
            )
            if answer.status == 200:
                answers.append(answer.json()["image"])
                if len(answers) >= 10:
                    enough.set()

    for photo in photos:
        threading.Thread(target=send, args=(photo,), daemon=True).start()
    return answers, enough


def test_after_a_kill_every_row_has_its_files_and_every_answer_is_served(site: Site) -> None:
    key = site.manage("create_api_key", "alice").strip()
    photo, number = fresh_jpeg(1600, 1200), itertools.count()
    for _ in range(2):
        photos = [pictures.distinct(photo, next(number)) for _ in range(50)]
        answers, enough = upload_all(site, key, photos)
        assert enough.wait(60)
        time.sleep(random.uniform(0, 0.2))
        site.kill()
        answered = list(answers)
        site.start()
        assert 10 <= len(answered) < 50

        state = json.loads(site.shell(STATE))
        assert state["missing"] == []
        assert state["files"] >= len(answered)
        assert state["used"] == state["charged"]
        assert state["variants_each"] == [2]
        for image in answered:
            for link in (image["url"], image["thumb"]["url"], image["medium"]["url"]):
                assert site.get(link).status == 200

    # A file without a row and a row without a file, as the worst moments leave them.
    folder = site.folder / "files" / "public" / "images"
    (folder / "left-over.jpg").write_bytes(b"half")
    # Older than any upload under way; for a younger one the command would wait.
    os.utime(folder / "left-over.jpg", (0, 0))
    lost = answered[0]
    (site.folder / "files" / "public" / lost["url"].removeprefix(site.url + "/")).unlink()
    told = site.manage("find_orphans", "--dry-run")
    assert "left-over.jpg" in told
    assert lost["id_encoded"] in told
    site.manage("find_orphans")
    assert site.manage("find_orphans", "--dry-run").strip() == "0 found."
    assert not (folder / "left-over.jpg").exists()
    assert site.get(lost["url_viewer"]).status == 404
    assert list((site.folder / "tmp").iterdir()) == []
    state = json.loads(site.shell(STATE))
    assert (state["missing"], state["used"]) == ([], state["charged"])
