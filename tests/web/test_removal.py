"""Deleting by the secret link and by the owner's button."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import User
from accounts.scopes import SCOPES
from hosting.audit import COMMAND_LINE
from hosting.models import AuditEntry, HostedFile, Privacy
from hosting.moderation import decisions
from tests.factories import DELETE_TOKEN, HostedFileFactory, UserFactory, sign_in
from tests.web.conftest import HOSTILE_TITLES


def link_of(file: HostedFile) -> str:
    return f"{file.short_path}/delete/{DELETE_TOKEN}"


def stored(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


def test_opening_the_link_asks_and_deletes_nothing(client: Client) -> None:
    file = HostedFileFactory(title="Dear")
    for method, _ in itertools.product((client.get, client.head), range(2)):
        response = method(link_of(file))
        assert response.status_code == 200
    page = client.get(link_of(file)).content.decode()
    assert "Delete this file permanently?" in page
    assert "Dear" in page
    assert 'method="post"' in page
    assert "noindex" in client.get(link_of(file))["X-Robots-Tag"]
    assert HostedFile.objects.filter(pk=file.pk).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_confirming_deletes_everything_without_a_cookie(tmp_path: Path) -> None:
    browser = Client(enforce_csrf_checks=True)
    file = HostedFileFactory(medium=True)
    assert len(stored(tmp_path)) == 3
    response = browser.post(link_of(file))
    assert response.status_code == 200
    assert "The file was deleted" in response.content.decode()
    assert not HostedFile.objects.exists()
    assert stored(tmp_path) == []
    for address in (link_of(file), file.viewer_path, f"/{file.path}"):
        assert browser.get(address).status_code == 404
    assert browser.post(link_of(file)).status_code == 404


@pytest.mark.parametrize("token", ["wrong", "0" * 48, DELETE_TOKEN + "0", DELETE_TOKEN.upper()])
def test_a_wrong_token_reveals_nothing(client: Client, token: str) -> None:
    file = HostedFileFactory()
    for method in (client.get, client.post):
        wrong = method(f"{file.short_path}/delete/{token}")
        unknown = method(f"/image/AAAAAAAAAAA/delete/{token}")
        assert wrong.status_code == unknown.status_code == 404
        # But for the address itself, to which whoever changes the language comes back.
        named = wrong.content.replace(file.public_id.encode(), b"AAAAAAAAAAA")
        assert named == unknown.content
    assert HostedFile.objects.exists()


def test_a_file_without_a_token_opens_to_none(client: Client) -> None:
    file = HostedFileFactory(delete_digest="")
    assert client.post(link_of(file)).status_code == 404


def test_the_link_works_for_expired_and_closed_files_without_showing_them(client: Client) -> None:
    for values in (
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"privacy": Privacy.PRIVATE},
    ):
        file = HostedFileFactory(**values)
        page = client.get(link_of(file)).content.decode()
        assert "Delete this file permanently?" in page
        assert "delete-thumb" not in page
        assert client.post(link_of(file)).status_code == 200
    assert not HostedFile.objects.exists()


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_no_title_breaks_out(client: Client, title: str) -> None:
    file = HostedFileFactory(title=title)
    for page in (client.get(link_of(file)), client.post(link_of(file))):
        assert "<script>" not in page.content.decode()
        assert "<b>" not in page.content.decode()


def test_the_owner_deletes_with_a_button(member_client: Client, member: User) -> None:
    file = HostedFileFactory(owner=member, title="Mine", size=10, charged=10)
    User.objects.filter(pk=member.pk).update(storage_used=10)
    assert (
        f'action="{file.short_path}/delete"' in member_client.get(file.viewer_path).content.decode()
    )
    response = member_client.post(f"{file.short_path}/delete", follow=True)
    assert "“Mine” has been deleted" in response.content.decode()
    assert not HostedFile.objects.exists()
    member.refresh_from_db()
    assert member.storage_used == 0


@pytest.mark.parametrize("action", ["remove", "lock"])
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_moderators_put_away_is_not_destroyed_by_its_secret_link(
    client: Client, member: User, action: str
) -> None:
    for file in (HostedFileFactory(), HostedFileFactory(owner=member)):
        decision = decisions.decide(file, action, COMMAND_LINE)
        assert client.get(link_of(file)).status_code == 404
        assert client.post(link_of(file)).status_code == 404
        decisions.undo(decision, COMMAND_LINE)
        assert client.get(f"/{file.path}").status_code == 200


def test_what_moderators_put_away_is_not_destroyed_by_its_owners_programs(
    client: Client, member: User
) -> None:
    key = {"X-API-Key": keys.create(member, name="mine", scopes=SCOPES)[1]}
    kept = [HostedFileFactory(owner=member) for _ in range(2)]
    for file, action in zip(kept, ("remove", "lock"), strict=True):
        decisions.decide(file, action, COMMAND_LINE)
        answers = (
            client.post("/v1/delete", {"url": f"http://testserver/{file.path}"}, headers=key),
            client.delete(f"/v1/images/image_{file.public_id}", headers=key),
            client.delete(f"/api/v2/files/{file.public_id}", headers=key),
        )
        assert {answer.status_code for answer in answers} == {404}
    sent = {"ids": [file.public_id for file in kept], "delete": True}
    client.post("/api/v2/files/bulk", sent, "application/json", headers=key)
    assert HostedFile.every.count() == len(kept)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_a_moderator_deletes_is_in_the_audit_log(client: Client) -> None:
    moderator = UserFactory(is_superuser=True, is_staff=True)
    sign_in(client, moderator)
    pages = {HostedFileFactory(): "button", HostedFileFactory(): "api"}
    for file, way in pages.items():
        if way == "api":
            client.delete(
                f"/api/v2/files/{file.public_id}", headers={"Origin": "http://testserver"}
            )
        else:
            client.post(f"{file.short_path}/delete")
    logged = AuditEntry.objects.filter(action="destroy", actor=moderator)
    assert set(logged.values_list("subject", flat=True)) == {file.public_id for file in pages}


def test_nobody_else_deletes_with_the_button(client: Client, member_client: Client) -> None:
    file = HostedFileFactory()
    for browser in (client, member_client):
        assert browser.post(f"{file.short_path}/delete").status_code == 404
    assert "danger" not in member_client.get(file.viewer_path).content.decode()
    assert HostedFile.objects.exists()


def test_the_button_is_safe_from_other_sites(member: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member, backend="allauth.account.auth_backends.AuthenticationBackend")
    file = HostedFileFactory(owner=member)
    assert browser.post(f"{file.short_path}/delete").status_code == 403
    assert HostedFile.objects.exists()


def test_the_question_asks_little_of_the_database(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    file = HostedFileFactory()
    with django_assert_max_num_queries(15):
        client.get(link_of(file))
