"""Who gets to a member's own pages: their member alone, and only with the form's token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from hosting.models import HostedFile, Job
from tests.factories import AlbumFactory, HostedFileFactory

pytestmark = pytest.mark.django_db

PAGES = [
    "dashboard", "own-albums", "new-album", "own-jobs", "usage", "tools", "profile-settings",
    "upload-settings", "keys", "domain-settings", "data-settings", "usersessions_list",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_guest_is_sent_to_sign_in(client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


@pytest.mark.parametrize("name", PAGES)
def test_a_member_without_anything_sees_every_page(member_client: Client, name: str) -> None:
    answer = member_client.get(reverse(name))
    assert answer.status_code == 200
    assert b"<h1" in answer.content
    assert b"style=" not in answer.content
    assert b"onclick" not in answer.content


# The tools show nothing of the member, and the sessions' page is allauth's.
@pytest.mark.parametrize("name", sorted({*PAGES} - {"tools", "usersessions_list"}))
def test_no_copy_of_a_page_is_kept(member_client: Client, name: str) -> None:
    assert "no-store" in member_client.get(reverse(name))["Cache-Control"]


def test_what_is_anothers_is_not_there(member_client: Client, stranger: User) -> None:
    file = HostedFileFactory(owner=stranger)
    album = AlbumFactory(owner=stranger)
    job = Job.objects.create(owner=stranger, kind="compress")
    gets = [
        reverse("edit-file", args=[file.public_id]),
        reverse("edit-album", args=[album.public_id]),
        reverse("delete-album", args=[album.public_id]),
        reverse("own-job", args=[job.public_id]),
        reverse("tool-result", args=[file.public_id]),
    ]
    posts = [
        *gets[:3],
        reverse("cancel-job", args=[job.public_id]),
        reverse("retry-job", args=[job.public_id]),
        reverse("keep-result", args=[file.public_id]),
    ]
    assert {member_client.get(path).status_code for path in gets} == {404}
    assert {member_client.post(path).status_code for path in posts} == {404}
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_the_staff_has_no_way_round(admin_client: Client, file: HostedFile) -> None:
    assert admin_client.get(reverse("edit-file", args=[file.public_id])).status_code == 404


def test_a_selection_leaves_anothers_files_out(
    member_client: Client, file: HostedFile, stranger: User
) -> None:
    theirs = HostedFileFactory(owner=stranger)
    form = {"action": "delete", "confirmed": "1", "file": [file.public_id, theirs.public_id]}
    member_client.post(reverse("selection"), form)
    assert list(HostedFile.objects.all()) == [theirs]


def test_an_expired_file_is_not_there(member_client: Client, member: User) -> None:
    gone = HostedFileFactory(owner=member, expires_at=timezone.now() - timedelta(seconds=1))
    assert member_client.get(reverse("edit-file", args=[gone.public_id])).status_code == 404
    assert gone.public_id not in member_client.get("/dashboard").content.decode()


def test_every_form_asks_for_its_token(member: User, file: HostedFile) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member, backend="allauth.account.auth_backends.AuthenticationBackend")
    album = AlbumFactory(owner=member)
    job = Job.objects.create(owner=member, kind="compress")
    paths = [
        reverse("selection"),
        reverse("edit-file", args=[file.public_id]),
        reverse("new-album"),
        reverse("edit-album", args=[album.public_id]),
        reverse("delete-album", args=[album.public_id]),
        reverse("cancel-job", args=[job.public_id]),
        reverse("retry-job", args=[job.public_id]),
        reverse("keep-result", args=[file.public_id]),
        reverse("tool", args=["compress"]),
        reverse("profile-settings"),
        reverse("upload-settings"),
        reverse("domain-settings"),
        reverse("client-settings", args=["curl"]),
        reverse("export"),
        reverse("close-account"),
    ]
    assert {path: client.post(path).status_code for path in paths} == dict.fromkeys(paths, 403)
    assert User.objects.filter(pk=member.pk).exists()


def test_a_files_page_leads_its_owner_to_the_edit_page_and_nobody_else(
    member_client: Client, file: HostedFile, stranger: User
) -> None:
    edit = reverse("edit-file", args=[file.public_id])
    other = Client()
    other.force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert edit in member_client.get(file.viewer_path).content.decode()
    assert edit not in other.get(file.viewer_path).content.decode()
    assert edit not in Client().get(file.viewer_path).content.decode()
    guests = HostedFileFactory()
    assert "/dashboard/files/" not in Client().get(guests.viewer_path).content.decode()
