"""A suspended member's files are nowhere, and all back afterwards."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts import keys
from accounts.models import User
from hosting.audit import COMMAND_LINE
from hosting.models import Decision, HostedFile, Privacy, Variant
from hosting.moderation import decisions, standing
from hosting.storage import objects
from hosting.views.suspended import OPEN
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def member() -> User:
    return UserFactory(username="mallory")


@pytest.fixture
def files(member: User) -> list[HostedFile]:
    album = AlbumFactory(owner=member)
    return [
        HostedFileFactory(owner=member, title="Zebra one", tags=["zebra"]),
        HostedFileFactory(owner=member, album=album, title="Zebra two"),
        HostedFileFactory(owner=member, privacy=Privacy.PRIVATE, title="Zebra three"),
        HostedFileFactory(owner=member, review="rejected", is_approved=False, title="Zebra four"),
        HostedFileFactory(owner=member, kind="video", title="Zebra five"),
    ]


def suspend(member: User) -> Decision:
    return decisions.decide_of_member(member, "suspend", COMMAND_LINE, text="Enough.")


def addresses(files: list[HostedFile]) -> list[str]:
    """Everything that visitors could see of these files."""
    found = [
        "/",
        "/explore",
        "/search?q=zebra",
        "/tag/zebra",
        "/mallory",
        "/mallory/albums",
        "/sitemap.xml",
    ]
    for file in files:
        found += [f"/{file.path}", file.viewer_path, file.short_path, f"/image/{file.public_id}"]
        found += [f"/{variant.path}" for variant in Variant.objects.filter(file=file)]
        found += [
            f"/oembed/?format=json&url=http://testserver{file.viewer_path}",
            f"/api/v2/files/{file.public_id}",
        ]
        if file.album is not None:
            found += [f"/album/{file.album.public_id}", f"/api/v2/albums/{file.album.public_id}",
                      f"/album/{file.album.public_id}/download"]  # fmt: skip
    return [*found, "/api/v2/files?scope=public"]


def seen(files: list[HostedFile], client: Client) -> dict[str, Any]:
    """What each address answers: its status, and whether a file of the member is on the page."""
    answers = {}
    for address in addresses(files):
        answer = client.get(address, follow=False)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        names = [b"Zebra", *(one.encode() for file in files for one in (file.path, file.public_id))]
        shows = answer.status_code == 200 and any(name in body for name in names)
        answers[address] = answer.status_code, shows
    return answers


def test_nothing_of_a_suspended_member_is_seen_anywhere_and_everything_is_back_afterwards(
    member: User, files: list[HostedFile]
) -> None:
    visitor = Client()
    before = seen(files, visitor)
    assert sum(shows for _, shows in before.values()) >= 10

    decision = suspend(member)

    during = seen(files, visitor)
    assert [address for address, (_, shows) in during.items() if shows] == []
    own = [file.path for file in files] + [path for path in addresses(files) if "/image/" in path]
    assert {during[f"/{path.lstrip('/')}"][0] for path in own} == {404}
    assert [path for area, path in objects.walk() if area == objects.PUBLIC] == []

    decisions.undo(decision, COMMAND_LINE)

    after = seen(files, visitor)
    assert after == before


def test_their_keys_and_sessions_open_nothing_but_the_notices(member: User, client: Client) -> None:
    secret = keys.create(member, name="mine")[1]
    sign_in(client, member)
    suspend(member)

    key = {"X-API-Key": secret}
    for path in (
        "/api/1/upload",
        "/v1/upload",
        "/v1/images",
        "/api/v2/files",
        "/api/v1/compress",
    ):
        answer = client.post(path, headers=key)
        assert answer.status_code in (400, 401, 403), path
        assert b"suspended" in answer.content, path
    assert client.get("/api/v2/account").status_code == 403
    for path in ("/dashboard", "/settings", "/", "/settings/keys", "/upload"):
        assert client.get(path).headers["Location"] == "/settings/notices", path
    notices = client.get("/settings/notices").content.decode()
    assert "Your account is suspended" in notices
    assert "Enough." in notices
    assert client.get("/settings/data").status_code == 200


def test_what_is_open_to_suspended_members_are_addresses_of_the_site() -> None:
    def names(patterns: list[Any]) -> set[str]:
        below = (names(one.url_patterns) for one in patterns if hasattr(one, "url_patterns"))
        own = {one.name for one in patterns if getattr(one, "name", None)}
        return own.union(*below)

    assert names(get_resolver().url_patterns) >= OPEN


def test_a_suspended_member_reads_the_terms(member: User, client: Client) -> None:
    sign_in(client, member)
    suspend(member)

    assert client.get("/terms").status_code in (200, 404)
    assert client.get("/privacy").status_code in (200, 404)


def test_a_suspended_member_appeals_and_is_let_in_again(member: User, client: Client) -> None:
    sign_in(client, member)
    decision = suspend(member)

    client.post(f"/settings/notices/{decision.public_id}/appeal", {"text": "I was hacked."})
    decision.refresh_from_db()
    assert (decision.appeal, decision.appeal_text) == ("open", "I was hacked.")
    decisions.undo(decision, COMMAND_LINE)

    assert client.get("/dashboard").status_code == 200


def test_hiding_goes_on_where_it_was_interrupted(
    member: User, files: list[HostedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing.visibility, "BATCH", 1)
    monkeypatch.setattr(standing, "INLINE_SECONDS", 0.0)
    monkeypatch.setattr(standing, "send_sweep", lambda: None)
    suspend(member)
    assert 0 < HostedFile.every.filter(owner=member, withheld="").count() < len(files)

    assert standing.sweep(seconds=60)

    assert not HostedFile.every.filter(owner=member, withheld="").exists()
    assert not User.objects.get(pk=member.pk).is_settling


def test_lifting_while_files_are_still_being_hidden_shows_all_of_them(
    member: User, files: list[HostedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing.visibility, "BATCH", 2)
    monkeypatch.setattr(standing, "INLINE_SECONDS", 0.0)
    monkeypatch.setattr(standing, "send_sweep", lambda: None)
    decision = suspend(member)
    decisions.undo(decision, COMMAND_LINE)

    assert standing.settle(member.pk, until=time.monotonic() + 60)

    assert not HostedFile.every.filter(owner=member).exclude(withheld="").exists()


def test_what_staff_had_removed_stays_removed_when_a_suspension_ends(
    member: User, files: list[HostedFile]
) -> None:
    removed = decisions.decide(files[0], "remove", COMMAND_LINE)
    decision = suspend(member)
    decisions.undo(decision, COMMAND_LINE)
    assert HostedFile.every.get(pk=files[0].pk).withheld == "removed"

    suspend(member)
    decisions.undo(removed, COMMAND_LINE)
    # It comes out of the bin, and is still a suspended member's.
    assert HostedFile.every.get(pk=files[0].pk).withheld == "suspended"
