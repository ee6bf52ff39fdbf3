"""The site's own uploads and tools have the limits of the APIs, and honest people never meet them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import keys, rates
from accounts.keys import Caller
from accounts.models import GuestAccess, Plan, User, WorkCount
from hosting.models import HostedFile
from hosting.storage import objects
from tests import pictures
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


def photo(number: int = 0) -> SimpleUploadedFile:
    data = pictures.distinct(pictures.jpeg(40, 30), number)
    return SimpleUploadedFile(f"photo {number}.jpg", data)


def upload(client: Client, *numbers: int, headers: Any = JSON) -> Any:
    files = [photo(number) for number in numbers or (0,)]
    return client.post("/upload", {"files": files}, headers=headers)


def test_guests_are_told_when_to_come_back_in_words_and_in_headers(client: Client) -> None:
    keys.guest_access()
    GuestAccess.objects.update(uploads_per_hour=2)
    assert upload(client, 1).status_code == 200
    assert upload(client, 2).status_code == 200

    script, page = upload(client, 3), upload(client, 3, headers={})

    assert (script.status_code, page.status_code) == (429, 429)
    for answer in (script, page):
        assert 3500 < int(answer["Retry-After"]) <= 3600
        assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("2", "0")
        assert "at most 2 an hour" in answer.content.decode()
    assert HostedFile.objects.count() == 2
    in_spanish = upload(client, 3, headers={"Accept-Language": "es", **JSON})
    assert "como máximo 2 por hora" in in_spanish.json()["error"]


def test_of_several_files_those_that_still_fit_are_taken(client: Client) -> None:
    keys.guest_access()
    GuestAccess.objects.update(uploads_per_hour=2)

    answer = upload(client, 1, 2, 3)

    assert answer.status_code == 200
    errors = [one["error"] for one in answer.json()["outcomes"]]
    assert errors[:2] == ["", ""]
    assert "at most 2 an hour" in errors[2]


def test_a_tool_counts_as_an_upload_does(member_client: Client, member: User) -> None:
    User.objects.filter(pk=member.pk).update(
        plan=Plan.objects.create(name="Few", uploads_per_hour=1)
    )
    form = {"target": "10 KB"}
    first = member_client.post("/tools/compress-to-size", {"upload": photo(), **form})
    assert first.status_code == 302, first.content.decode()[:2000]

    refused = member_client.post("/tools/compress-to-size", {"upload": photo(), **form})

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 3500
    assert "at most 1 an hour" in refused.content.decode()
    assert upload(member_client).status_code == 429


def test_a_disk_that_is_nearly_full_takes_nothing_and_the_page_says_so(
    member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "free_bytes", lambda: 1000)

    for answer in (
        upload(member_client),
        upload(member_client, headers={}),
        member_client.post("/tools/compress-to-size", {"upload": photo(), "target": "10 KB"}),
    ):
        assert answer.status_code == 507
        assert "no space" in answer.content.decode()
        assert int(answer["Retry-After"]) > 0
    # Whoever makes room is not kept from it.
    assert member_client.get("/").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("way", ["form", "key"])
def test_a_member_uploads_five_hundred_files_in_a_row(
    member_client: Client, member: User, way: str
) -> None:
    _row, key = keys.create(member, name="tests")
    for number in range(500):
        if way == "form":
            answer = upload(member_client, number)
        else:
            answer = Client().post(
                "/api/v2/files", {"file": photo(number)}, headers={"X-API-Key": key}
            )
        assert answer.status_code in (200, 201), answer.content

    assert HostedFile.objects.count() == 500


def test_thirty_people_of_an_office_share_an_address_and_no_limit() -> None:
    office = [UserFactory() for _ in range(30)]
    for _ in range(40):
        for user in office:
            rates.count_work(Caller(user), "192.0.2.1")

    assert set(WorkCount.objects.values_list("minute_count", flat=True)) == {40}
    # Their guests, too, still send a picture each.
    for _ in office:
        rates.count_work(Caller(None), "192.0.2.1")
