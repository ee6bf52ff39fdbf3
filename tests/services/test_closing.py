"""Closing and opening on a running site, by real requests at once and with real kills.

What must hold at every moment: no file whose row is closed has bytes in the public area. What was cut off goes
on without anybody's help, until all bytes lie where their rows say.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.api.chevereto.conftest import fresh_png
from tests.live import PATIENCE, ROOT, Answer, Site
from tests.services.servers import wait_until

pytestmark = [pytest.mark.live, pytest.mark.slow]

MANY = 300
# So often each is tried; races are rare, and more rounds look for them longer.
ROUNDS = int(os.environ.get("CLOSING_ROUNDS", "3"))

FILL = """
import json
from accounts.models import User
from tests.factories import AlbumFactory, HostedFileFactory
owner = User.objects.get(username="alice")
album = AlbumFactory(owner=owner, privacy="{privacy}")
files = [HostedFileFactory(owner=owner, album=album) for _ in range({count})]
print(json.dumps([album.public_id, [[file.public_id, file.path] for file in files]]))
"""

# More than one minute's requests are asked for here.
UNHURRIED = "from accounts.models import Plan; Plan.objects.update(live_requests_per_minute=10**6)"

# Every served object, and whether its row lets everybody have it for good; the same words as in the model.
ROWS = """
with file as (
    select f.id, f.path,
        f.is_approved and f.privacy in ('public', 'unlisted') and f.expires_at is null
        and (f.album_id is null or a.privacy in ('public', 'unlisted')) as opens
    from hosting_hostedfile f left join hosting_album a on a.id = f.album_id
)
select path, opens from file union all
select v.path, opens from hosting_variant v join file on file.id = v.file_id where v.name <> 'original'
"""

# A moderator's browser: it is ready before the owner opens the album, and acts as soon as it is open.
REJECT = """
import sys, time
from django.conf import settings
from django.test import Client
from accounts import sessions
from accounts.models import User
from hosting.models import Album, HostedFile
browser = Client(headers={{"host": "localhost"}})
browser.force_login(User.objects.get(username="admin"))
cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
browser.cookies[settings.SESSION_COOKIE_NAME] = sessions.signed(cookie.value)
for ids in {rounds}:
    chosen = list(HostedFile.objects.filter(public_id__in=ids).values_list("pk", flat=True))
    print("ready", flush=True)
    until = time.monotonic() + 60
    while Album.objects.get(public_id="{album}").privacy != "public":
        assert time.monotonic() < until
        time.sleep(0.002)
    sent = {{"action": "unapprove", "_selected_action": chosen}}
    answer = browser.post("/admin/hosting/hostedfile/", sent)
    assert answer.status_code == 302, answer.status_code
    assert "login" not in answer["Location"], answer["Location"]
    print("rejected", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of this test's own, which may be killed."""
    with Site(tmp_path / "data") as running:
        yield running


class Alice:
    """The owner, as a program of hers sees the site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.key = site.manage("create_api_key", "alice").strip()
        site.shell(UNHURRIED)

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        headers = {"X-API-Key": self.key, **options.pop("headers", {})}
        return self.site.request(method, f"/api/v2{path}", headers=headers, **options)

    def change(self, path: str, **columns: str) -> Answer:
        body = json.dumps(columns).encode()
        return self.ask("PATCH", path, body=body, headers={"Content-Type": "application/json"})

    def album(self, privacy: str, count: int = MANY) -> tuple[str, list[tuple[str, str]]]:
        """A new album: its address, and its files' ids and paths."""
        values = self.site.shell(FILL.format(privacy=privacy, count=count))
        album, files = json.loads(values.splitlines()[-1])
        return f"/albums/{album}", [(id, path) for id, path in files]


@pytest.fixture
def alice(site: Site) -> Alice:
    return Alice(site)


@contextmanager
def sqlite_of(site: Site) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(site.folder / "vitrine.db", timeout=PATIENCE)) as database:
        yield database


@dataclass
class State:
    """What the rows say and where the bytes lie, read past the site: it may be down."""

    closed: int
    wrongly_public: list[str]
    not_yet_public: list[str]


def state_of(site: Site) -> State:
    """Rows first, bytes second: what is opened in between was open before."""
    with sqlite_of(site) as database:
        rows = dict(database.execute(ROWS).fetchall())
    public = _below(site.folder / "files" / "public")
    shut = {path for path, opens in rows.items() if not opens}
    return State(
        closed=len(shut),
        wrongly_public=sorted(shut & public),
        not_yet_public=sorted((rows.keys() - shut) - public),
    )


def _below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def is_public(site: Site, path: str) -> bool:
    """Whether anybody is sent the bytes: asked of the site, and looked for on its disk."""
    lies_there = (site.folder / "files" / "public" / path).exists()
    return lies_there or site.get(f"/{path}").status == 200


def wait_until_settled(site: Site) -> None:
    """Wait until nothing is left to be moved; nothing may be wrong meanwhile."""
    wait_until(lambda: not state_of(site).not_yet_public)
    assert state_of(site).wrongly_public == []


def test_a_file_made_private_while_its_album_is_being_opened_stays_closed(
    site: Site, alice: Alice
) -> None:
    address, files = alice.album("private")
    chosen = files[:: MANY // ROUNDS][:ROUNDS]
    for round, (id, path) in enumerate(chosen):
        if round:
            assert alice.change(address, privacy="private").status == 200
        opening = threading.Thread(
            target=alice.change, args=(address,), kwargs={"privacy": "public"}
        )
        opening.start()
        time.sleep(0.02)
        assert alice.change(f"/files/{id}", privacy="private").status == 200
        opening.join()
        assert not is_public(site, path)
    wait_until_settled(site)
    assert not [path for _, path in chosen if is_public(site, path)]
    assert is_public(site, files[1][1])


def test_whatever_is_killed_while_an_album_is_closed_no_closed_file_lies_open(
    site: Site, alice: Alice
) -> None:
    address, files = alice.album("public")
    for round in range(ROUNDS):
        answered: list[int] = []
        shutting = threading.Thread(
            target=_ask_a_dying_site, args=(alice, address, "private", answered)
        )
        shutting.start()
        time.sleep((0.5, random.uniform(0.02, 0.2), random.uniform(0.05, 0.4))[round % 3])
        site.kill()
        shutting.join()
        state = state_of(site)
        assert state.wrongly_public == []
        if answered == [200]:
            assert state.closed == 2 * MANY
        site.start()
        if state.closed:
            assert not [path for _, path in files if is_public(site, path)]
        # The wish was either never written down, or it is carried out; bytes that were on their way come back.
        wait_until(lambda: _is_whole(site))
        assert alice.change(address, privacy="public").status == 200
        wait_until_settled(site)


def _is_whole(site: Site) -> bool:
    """Whether an album that was cut off while it closed is closed, or as open as it was."""
    with sqlite_of(site) as database:
        query = "select count(*) from hosting_album where moving"
        waiting = database.execute(query).fetchone()[0]
    return not waiting and state_of(site).closed in (0, 2 * MANY)


def test_whatever_is_killed_while_an_album_is_opened_its_files_open_in_the_end(
    site: Site, alice: Alice
) -> None:
    address, files = alice.album("private")
    for _ in range(ROUNDS):
        opening = threading.Thread(target=_ask_a_dying_site, args=(alice, address, "public", []))
        opening.start()
        time.sleep(random.uniform(0.02, 0.3))
        site.kill()
        opening.join()
        assert state_of(site).wrongly_public == []
        site.start()
        if alice.ask("GET", address).json()["privacy"] == "private":
            assert alice.change(address, privacy="public").status == 200
        wait_until_settled(site)
        assert all((site.folder / "files" / "public" / path).exists() for _, path in files)
        assert alice.change(address, privacy="private").status == 200
        assert state_of(site).closed == 2 * MANY


def _ask_a_dying_site(alice: Alice, address: str, privacy: str, answered: list[int]) -> None:
    with suppress(urllib3.exceptions.HTTPError):
        answered.append(alice.change(address, privacy=privacy).status)


def test_what_a_moderator_rejects_while_its_owner_opens_the_album_stays_closed(
    site: Site, alice: Alice
) -> None:
    address, files = alice.album("private")
    # Two that are opened early and two that are opened late, whichever end is worked through first.
    rounds = [
        [files[n], files[n + 1], files[-n - 2], files[-n - 1]] for n in range(0, 4 * ROUNDS, 4)
    ]
    code = REJECT.format(
        rounds=[[id for id, _ in some] for some in rounds], album=address.rpartition("/")[2]
    )
    moderator = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT, env=site.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert moderator.stdin is not None
    assert moderator.stdout is not None
    try:
        for rejected in rounds:
            assert moderator.stdout.readline().strip() == "ready"
            assert alice.change(address, privacy="public").status == 200
            assert moderator.stdout.readline().strip() == "rejected"
            wait_until_settled(site)
            assert [path for _, path in rejected if is_public(site, path)] == []
            assert is_public(site, files[MANY // 2][1])
            assert alice.change(address, privacy="private").status == 200
            moderator.stdin.write("\n")
            moderator.stdin.flush()
        assert moderator.wait(PATIENCE) == 0
    finally:
        moderator.kill()
        moderator.wait()


def test_the_same_file_closed_three_times_at_once_is_closed_and_nothing_fails(
    site: Site, alice: Alice
) -> None:
    _, files = alice.album("public", 40)
    with ThreadPoolExecutor(3) as pool:
        for id, path in files:
            asked = [pool.submit(alice.change, f"/files/{id}", privacy="private") for _ in range(3)]
            assert [one.result().status for one in asked] == [200, 200, 200]
            assert not is_public(site, path)
    assert "Traceback" not in site.log


def test_the_same_album_closed_three_times_at_once_is_closed_and_nothing_fails(
    site: Site, alice: Alice
) -> None:
    address, files = alice.album("public", 60)
    with ThreadPoolExecutor(3) as pool:
        for _ in range(ROUNDS):
            asked = [pool.submit(alice.change, address, privacy="private") for _ in range(3)]
            assert [one.result().status for one in asked] == [200, 200, 200]
            assert not [path for _, path in files if is_public(site, path)]
            assert alice.change(address, privacy="public").status == 200
    assert "Traceback" not in site.log


def test_a_file_replaced_and_deleted_at_once_leaves_no_bytes(site: Site, alice: Alice) -> None:
    _, files = alice.album("public", 4 * ROUNDS)
    for id, _ in files:
        replacing = threading.Thread(
            target=alice.ask,
            args=("POST", f"/files/{id}/replace"),
            kwargs={"fields": {"file": ("new.png", fresh_png())}},
        )
        replacing.start()
        time.sleep(random.uniform(0, 0.1))
        assert alice.ask("DELETE", f"/files/{id}").status == 204
        replacing.join()
        if alice.ask("GET", f"/files/{id}").status == 200:
            assert alice.ask("DELETE", f"/files/{id}").status == 204
    wait_until(lambda: not [one for one in (site.folder / "files").rglob("*") if one.is_file()])
