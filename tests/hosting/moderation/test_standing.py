"""A suspended member's files are nowhere, and all back afterwards."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import get_resolver

from accounts import keys
from accounts.errors import AccountError
from accounts.keys import Caller
from accounts.models import User
from hosting.audit import COMMAND_LINE
from hosting.files import results, uploads
from hosting.files.options import ResultOptions, UploadOptions
from hosting.models import Decision, Delivery, HostedFile, Privacy, Variant, Webhook
from hosting.moderation import decisions, standing
from hosting.sources.source import Source
from hosting.storage import objects
from hosting.views.suspended import OPEN
from hosting.webhooks import outbox, sending
from processing import FORMATS, Result
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory, picture, sign_in

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def member() -> User:
    return UserFactory(username="mallory")


@pytest.fixture
def files(member: User) -> list[HostedFile]:
    album = AlbumFactory(owner=member, name="Zebra herd")
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
    return [*found, "/api/v2/files?scope=public", "/api/v2/albums?scope=public"]


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


def test_a_suspended_member_proves_who_it_is_in_every_way_before_closing_the_account(
    member: User, client: Client, settings: Any
) -> None:
    # Nobody listens there: that it is asked is enough.
    settings.OIDC_SERVER_URL = "http://127.0.0.1:9"
    app = {
        "provider_id": "oidc",
        "name": "Office",
        "client_id": "pictures",
        "settings": {"server_url": settings.OIDC_SERVER_URL},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    SocialAccount.objects.create(user=member, provider="oidc", uid="7")
    for type in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN):
        Authenticator.objects.create(user=member, type=type, data={"secret": "", "name": "Phone"})
    sign_in(client, member)
    suspend(member)

    ways = get_adapter().get_reauthentication_methods(member)
    assert len(ways) == 4
    for way in ways:
        assert client.post(way["url"]).headers.get("Location") != "/settings/notices", way
    assert client.get("/account/oidc/login/callback/").headers.get("Location") is None
    # And no new way in.
    assert (
        client.post("/account/oidc/login/?process=connect").headers["Location"]
        == "/settings/notices"
    )


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


@pytest.mark.parametrize("action", ["suspend", "freeze"])
def test_what_was_under_way_when_a_member_was_shut_out_is_not_stored(
    member: User, action: str
) -> None:
    # Read before the decision, as an upload in its first second, or a worker with its job, has it.
    caller = Caller(user=User.objects.get(pk=member.pk))
    decisions.decide_of_member(member, action, COMMAND_LINE)
    data = picture(40, 30)
    result = Result(data, FORMATS["jpeg"], 40, 30)

    with pytest.raises(AccountError, match=r"suspended|may not upload"):
        results.keep(caller, result, ResultOptions(folder="images", kind="result"))
    with pytest.raises(AccountError, match=r"suspended|may not upload"):
        uploads.accept(caller, Source(BytesIO(data), len(data), "a.jpg"), UploadOptions())

    assert not HostedFile.every.filter(owner=member).exists()
    assert list(objects.walk()) == []


def test_a_suspended_members_webhooks_hear_nothing_until_it_ends(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(sending, "_post", lambda delivery: sent.append(delivery.pk) or 200)
    monkeypatch.setattr(outbox, "send_soon", lambda key: None)
    hook = Webhook.objects.create(
        owner=member, url="https://example.com/", events=[event.value for event in Webhook.Event]
    )
    outbox.file_created(HostedFileFactory(owner=member))
    decision = suspend(member)

    outbox.file_created(HostedFileFactory(owner=member))
    sending.deliver(hook.pk)
    assert (sent, Delivery.objects.count()) == ([], 1)

    decisions.undo(decision, COMMAND_LINE)
    sending.deliver(hook.pk)
    assert len(sent) == 1
