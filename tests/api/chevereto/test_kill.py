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
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import urllib3

from tests import pictures
from tests.api.chevereto.conftest import fresh_jpeg
from tests.live import PATIENCE, Site

SENDERS = 12

pytestmark = [pytest.mark.live, pytest.mark.slow]

STATE = """
import json
from hosting.models import HostedFile, Variant
from hosting.storage import objects
from accounts.models import User
rows = [(f.area, f.path) for f in HostedFile.objects.all()]
rows += [(v.file.area, v.path) for v in Variant.objects.select_related("file")]
user = User.objects.get(username="alice")
print(json.dumps({
    "rows": len(rows),
    "missing": [path for area, path in rows if not objects.files().exists(f"{area}/{path}")],
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


@dataclass
class Uploads:
    """Uploads without end from SENDERS at once, until the site goes away under them."""

    site: Site
    key: str
    photo: bytes
    numbers: Iterator[int]
    answers: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> list[threading.Thread]:
        """Start to send; each thread ends with the first upload that is not answered."""
        threads = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        return threads

    def _send(self) -> None:
        with suppress(urllib3.exceptions.HTTPError):
            while True:
                photo = pictures.distinct(self.photo, next(self.numbers))
                answer = self.site.post(
                    "/api/1/upload",
                    fields={"source": ("photo.jpg", photo)},
                    headers={"X-API-Key": self.key},
                )
                if answer.status != 200:
                    self.refused.append(answer.text)
                    return
                self.answers.append(answer.json()["image"])
                if len(self.answers) >= 10:
                    self.enough.set()


def test_after_a_kill_every_row_has_its_files_and_every_answer_is_served(site: Site) -> None:
    key = site.manage("create_api_key", "alice").strip()
    photo, numbers = fresh_jpeg(1600, 1200), itertools.count()
    for _ in range(2):
        uploads = Uploads(site, key, photo, numbers)
        senders = uploads.begin()
        assert uploads.enough.wait(PATIENCE), uploads.refused
        time.sleep(random.uniform(0, 0.2))  # so that the kill finds them at any point of their way
        assert all(sender.is_alive() for sender in senders), uploads.refused
        site.kill()
        for sender in senders:
            sender.join()
        answered = uploads.answers
        site.start()

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
    values = site.manage("find_orphans", "--dry-run")
    assert "left-over.jpg" in values
    assert lost["id_encoded"] in values
    site.manage("find_orphans")
    assert site.manage("find_orphans", "--dry-run").strip() == "0 found."
    assert not (folder / "left-over.jpg").exists()
    assert site.get(lost["url_viewer"]).status == 404
    assert site.temporary() == []
    state = json.loads(site.shell(STATE))
    assert (state["missing"], state["used"]) == ([], state["charged"])
