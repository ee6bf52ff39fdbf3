"""How long guests' files are kept where they name no time themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client

from accounts import keys
from accounts.models import GuestAccess
from hosting import tasks
from hosting.files import deletion
from hosting.models import HostedFile
from hosting.storage import objects
from tests import pictures
from tests.api.test_limits import WAYS, member

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)
# The ways that take the guests' key and answer with a file at once.
GUESTS = ("chevereto", "imgbb", "imghippo", "imghippo's processing", "native")


@pytest.fixture
def guest_key() -> str:
    key = keys.guest_access().key
    GuestAccess.objects.update(keep_for=MONTH)
    return key


def upload(key: str, **fields: str) -> HostedFile:
    part = SimpleUploadedFile("a.png", pictures.png(40, 30))
    answer = Client().post("/api/1/upload", {"source": part, "key": key, **fields})
    assert answer.status_code == 200, answer.content
    return HostedFile.objects.latest("pk")


def pass_time(span: timedelta) -> None:
    HostedFile.objects.update(kept_until=F("kept_until") - span, expires_at=F("expires_at") - span)


@pytest.mark.parametrize("way", GUESTS)
def test_whatever_way_a_guests_file_comes_it_goes_after_that_time(
    way: str, guest_key: str, django_capture_on_commit_callbacks: Any
) -> None:
    send, status = WAYS[way]
    assert send(guest_key).status_code == status
    file = HostedFile.objects.get()

    pass_time(MONTH - timedelta(minutes=1))
    tasks.delete_expired()
    assert HostedFile.objects.filter(pk=file.pk).exists()

    pass_time(timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.delete_expired()
    assert not HostedFile.objects.exists()
    assert objects.find(file.area, file.path) is None


def test_until_then_it_is_open_like_any_other_and_names_no_expiry(guest_key: str) -> None:
    file = upload(guest_key)

    assert (file.area, file.expires_at) == (objects.PUBLIC, None)
    told = Client().get(f"/api/v2/files/{file.public_id}", headers={"X-API-Key": guest_key})
    assert told.json()["expires_at"] is None


def test_a_guest_may_ask_for_less_time_and_gets_no_more(guest_key: str) -> None:
    short, long = upload(guest_key, expiration="P1D"), upload(guest_key, expiration="P3M")

    for file, span in ((short, timedelta(days=1)), (long, MONTH)):
        assert file.expires_at is not None
        assert abs(file.expires_at - file.created_at - span) < timedelta(minutes=1)
        assert (file.area, file.kept_until) == (objects.GUARDED, None)


def test_members_files_and_those_of_a_site_that_says_nothing_are_kept(guest_key: str) -> None:
    _user, key = member()
    upload(key)
    GuestAccess.objects.update(keep_for=None)
    upload(guest_key)

    assert {file.kept_until for file in HostedFile.objects.all()} == {None}


def test_files_uploaded_before_are_not_touched_when_an_administrator_names_a_time() -> None:
    file = upload(keys.guest_access().key)
    HostedFile.objects.update(created_at=file.created_at - 2 * MONTH)
    GuestAccess.objects.update(keep_for=MONTH)
    tasks.delete_expired()
    assert HostedFile.objects.exists()


def test_guests_are_told_before_and_after_they_upload(guest_key: str, client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Deleted after 30 days." in page
    assert "After 30 days" in page
    assert "After 1 week" in page
    assert "Never" not in page
    assert "After 3 months" not in page
    assert (
        "Ištrinama po 30 dienų."
        in client.get("/", headers={"Accept-Language": "lt"}).content.decode()
    )
    assert "Deleted after 30 days." in client.get("/api/docs").content.decode()

    sent: dict[str, Any] = {"files": SimpleUploadedFile("a.png", pictures.png(8, 8))}
    answer = client.post("/upload", sent, headers={"Accept": "application/json"})
    assert answer.json()["outcomes"][0]["expires"]

    GuestAccess.objects.update(keep_for=None)
    assert "Never" in client.get("/").content.decode()
    assert "Deleted after" not in client.get("/").content.decode()


def test_the_administrator_names_the_time_and_never_one_that_deletes_at_once(
    admin_client: Client,
) -> None:
    access = keys.guest_access()
    url = f"/admin/accounts/guestaccess/{access.pk}/change/"
    form = admin_client.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in values.items() if value not in (None, False)}

    refused = admin_client.post(url, {**sent, "keep_for": "00:00:10"})
    assert refused.status_code == 200
    assert admin_client.post(url, {**sent, "keep_for": "90 00:00:00"}).status_code == 302
    access.refresh_from_db()
    assert access.keep_for == timedelta(days=90)


def test_what_moderators_withhold_while_the_sweep_runs_is_kept(
    guest_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [upload(guest_key, **more) for more in ({}, {"expiration": "P1D"})]
    pass_time(MONTH + timedelta(days=1))
    delete = deletion.delete

    def lock_first(file: HostedFile, **options: Any) -> bool:
        HostedFile.every.filter(pk=file.pk).update(withheld=HostedFile.Withheld.LOCKED)
        return delete(file, **options)

    monkeypatch.setattr(deletion, "delete", lock_first)
    tasks.delete_expired()
    assert HostedFile.every.filter(pk__in=[file.pk for file in files]).count() == 2
