"""The site on PostgreSQL and Redis, by environment alone: what a large site runs on."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.chevereto.conftest import fresh_jpeg, fresh_png
from tests.live import Answer, Site
from tests.services.servers import wait_until

pytestmark = [pytest.mark.live, pytest.mark.slow]

# Files against their rows, and what is still marked, when all is done.
UNSETTLED = """
import json
from hosting.storage import areas, objects
from hosting.models import Album, HostedFile
rows = HostedFile.objects.select_related("album").prefetch_related("variants")
right = {path: areas.area_for(row) for row in rows for path in areas.served_paths(row)}
print(json.dumps({
    "misplaced": [path for area, path in objects.walk() if right.get(path) != area],
    "missing": sorted(set(right) - {path for _, path in objects.walk()}),
    "marked": HostedFile.objects.filter(moving=True).count() + Album.objects.filter(moving=True).count(),
}))
"""

EXPIRE = """
from datetime import timedelta
from django.utils import timezone
from hosting.models import HostedFile
HostedFile.objects.filter(public_id="{}").update(expires_at=timezone.now() - timedelta(seconds=1))
from hosting.tasks import delete_expired
delete_expired.delay()
"""


@pytest.fixture(scope="module")
def site(postgres: str, redis: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(
        tmp_path_factory.mktemp("large") / "data",
        env={
            "DATABASE_URL": postgres,
            "CELERY_BROKER_URL": f"{redis}/0",
            "CACHE_URL": f"{redis}/1",
        },
    ) as running:
        yield running


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.manage("create_api_key", "alice").strip()


def test_the_data_folder_holds_neither_a_database_nor_a_queue(site: Site, key: str) -> None:
    assert not list(site.folder.glob("*.db*"))
    assert not [path for path in (site.folder / "queue").rglob("*") if path.is_file()]


def test_uploads_pages_and_deletions_work_there(site: Site, key: str) -> None:
    fields = {"source": ("a.jpg", fresh_jpeg(900, 600)), "tags": "one,two", "title": "On Postgres"}
    image = site.post("/api/1/upload", fields=fields, headers={"X-API-Key": key}).json()["image"]
    assert image["tags_string"] == "one, two"
    assert "On Postgres" in site.get(image["path_viewer"]).text
    assert site.get("/").status == 200
    assert site.post(image["delete_url"]).status == 200
    assert site.get(image["url"]).status == 404


def test_of_two_same_uploads_at_once_one_is_stored(site: Site, key: str) -> None:
    sent = fresh_jpeg(1200, 900)
    answers: list[int] = []

    def send() -> None:
        fields = {"source": ("a.jpg", sent)}
        answers.append(site.post("/api/1/upload", fields=fields, headers={"X-API-Key": key}).status)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, *[400] * 5]


def test_uploads_at_once_never_pass_the_storage_limit_together(site: Site) -> None:
    bob = site.manage("create_api_key", "bob").strip()
    sent = [fresh_jpeg(800, 600) for _ in range(12)]
    limit = int(len(sent[0]) * 4.5)
    site.manage("set_account", "bob", "--storage-limit", str(limit))
    sizes: list[int] = []

    def send(photo: bytes) -> None:
        fields = {"source": ("a.jpg", photo)}
        answer = site.post("/api/1/upload", fields=fields, headers={"X-API-Key": bob})
        if answer.status == 200:
            sizes.append(answer.json()["image"]["size"])
        else:
            assert answer.json()["error"]["code"] == 104, answer.text

    threads = [threading.Thread(target=send, args=(photo,)) for photo in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 3 <= len(sizes) <= 5
    assert sum(sizes) <= limit
    values = site.shell(
        "from accounts.models import User; print(User.objects.get(username='bob').storage_used)"
    )
    assert int(values) == sum(sizes)


def test_the_worker_deletes_what_has_expired(site: Site, key: str) -> None:
    fields = {"source": ("a.png", fresh_png()), "expiration": "PT5M"}
    image = site.post("/api/1/upload", fields=fields, headers={"X-API-Key": key}).json()["image"]
    assert site.get(image["url"]).status == 200
    site.shell(EXPIRE.format(image["id_encoded"]))
    wait_until(lambda: site.get(image["url"]).status == 404)
    stored = image["url"].removeprefix(site.url)
    assert not (site.folder / "files" / "guarded" / stored.lstrip("/")).exists()


def test_an_album_and_its_files_changed_by_many_at_once_end_where_their_rows_say(
    site: Site, key: str
) -> None:
    site.shell(
        "from accounts.models import Plan; Plan.objects.update(live_requests_per_minute=10**6)"
    )
    headers = {"X-API-Key": key, "Content-Type": "application/json"}

    def ask(method: str, path: str, **context: object) -> Answer:
        body = json.dumps(context).encode()
        return site.request(method, f"/api/v2{path}", body=body, headers=headers)

    def upload(album: str) -> str:
        fields = {"source": ("a.png", fresh_png()), "album_id": album}
        answer = site.post("/api/1/upload", fields=fields, headers={"X-API-Key": key})
        return str(answer.json()["image"]["id_encoded"])

    album = ask("POST", "/albums", name="Busy").json()["id"]
    ids = [upload(album) for _ in range(6)]
    assert ask("PATCH", f"/albums/{album}", cover=ids[0]).status == 200
    chance = random.Random(7)
    deeds = [
        lambda id: ask("PATCH", f"/albums/{album}", privacy="private").status,
        lambda id: ask("PATCH", f"/albums/{album}", privacy="unlisted").status,
        lambda id: ask("PATCH", f"/files/{id}", privacy="private").status,
        lambda id: ask("PATCH", f"/files/{id}", privacy="public").status,
        lambda id: ask("PATCH", f"/files/{id}", album=None).status,
        lambda id: ask("PATCH", f"/files/{id}", album=album).status,
        lambda id: 200 if upload(album) else 500,
    ]
    with ThreadPoolExecutor(8) as pool:
        doing = [pool.submit(chance.choice(deeds), chance.choice(ids)) for _ in range(120)]
        doing.append(pool.submit(lambda: ask("DELETE", f"/files/{ids[0]}").status))
        statuses = {one.result() for one in doing}
    assert statuses <= {200, 204, 404}, statuses
    wait_until(lambda: json.loads(site.shell(UNSETTLED))["marked"] == 0)
    assert json.loads(site.shell(UNSETTLED)) == {"misplaced": [], "missing": [], "marked": 0}
