"""No honest user notices the limits: what people do in a day, under the limits that a new site has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client

from accounts import counting, keys, rates
from accounts.counting import SPANS
from accounts.keys import Caller
from accounts.models import WorkCount
from hosting.models import HostedFile
from tests import pictures
from tests.api.test_limits import WAYS
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

OFFICE = "192.0.2.1"
PEOPLE = 30
_numbers = count()


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def later(span: timedelta) -> None:
    """So much time passes for every count."""
    starts = {f"{name}_start": F(f"{name}_start") - span for name in SPANS}
    WorkCount.objects.update(**starts)


def upload(key: str, address: str = OFFICE) -> Any:
    """Another picture than all before, by the API that most clients speak."""
    part = SimpleUploadedFile("a.png", pictures.png(4, 4 + next(_numbers)))
    headers = {"X-API-Key": key}
    return Client(REMOTE_ADDR=address).post("/api/1/upload", {"source": part}, headers=headers)


def sign_in(name: str, password: str, client: Client | None = None) -> bool:
    browser = client or Client(REMOTE_ADDR=OFFICE)
    browser.post("/account/login/", {"login": name, "password": password})
    return "_auth_user_id" in browser.session


def test_a_guest_tries_every_line_of_the_documentation_three_times_in_a_minute() -> None:
    key = keys.guest_access().key
    for way in ("chevereto", "imgbb", "imghippo", "imghippo's processing", "native", "tus") * 3:
        send, status = WAYS[way]
        answer = send(key)
        assert answer.status_code == status, (way, answer.content)


def test_a_member_sends_five_hundred_files_within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a small file costs is not the point: each is counted and stored, and none is decoded twice.
    user = UserFactory(own_storage_limit=10**9)
    key = keys.create(user, name="camera")[1]
    clock = counting.timezone.now()
    monkeypatch.setattr(counting.timezone, "now", lambda: clock)

    for _ in range(500):
        rates.count_work(Caller(user), OFFICE)
    assert WorkCount.objects.get(subject=f"user {user.pk}").minute_count == 500
    assert upload(key).status_code == 200


@pytest.mark.slow
def test_a_member_uploads_five_hundred_files_in_a_row() -> None:
    user = UserFactory(own_storage_limit=10**9)
    key = keys.create(user, name="camera")[1]

    statuses = [upload(key).status_code for _ in range(500)]

    assert set(statuses) == {200}
    assert HostedFile.objects.filter(owner=user).count() == 500


def test_thirty_guests_of_an_office_upload_one_file_each_in_the_same_minute() -> None:
    key = keys.guest_access().key
    assert {upload(key).status_code for _ in range(PEOPLE)} == {200}

    refused = upload(key)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) <= 60
    # Their neighbours do not notice.
    assert upload(key, "192.0.2.2").status_code == 200


def test_thirty_guests_of_an_office_upload_six_files_each_in_an_hour() -> None:
    keys.guest_access()
    for _ in range(6):
        for _ in range(PEOPLE):
            rates.count_work(Caller(None), OFFICE)
        later(timedelta(minutes=1))


def test_the_members_of_an_office_do_not_share_limits_with_one_another_or_with_its_guests() -> None:
    guest = keys.guest_access().key
    while upload(guest).status_code == 200:
        pass
    members = [UserFactory() for _ in range(PEOPLE)]
    for user in members:
        for _ in range(5):
            rates.count_work(Caller(user), OFFICE)
    assert upload(keys.create(members[0], name="desk")[1]).status_code == 200


def test_an_office_signs_in_within_a_minute_though_every_third_mistypes() -> None:
    names = [UserFactory().username for _ in range(PEOPLE)]
    for number, name in enumerate(names):
        if number % 3 == 0:
            assert not sign_in(name, "mistyped")
        assert sign_in(name, PASSWORD)


def test_who_guesses_in_an_office_does_not_lock_out_those_who_have_been_here_before() -> None:
    colleague = UserFactory().username
    browser = Client(REMOTE_ADDR=OFFICE)
    assert sign_in(colleague, PASSWORD, browser)
    browser.post("/account/logout/")
    for number in range(40):
        sign_in(f"somebody{number}", "guessed")

    assert sign_in(colleague, PASSWORD, browser)
    # A browser that nobody knows waits a minute.
    assert not sign_in(colleague, PASSWORD)
    later(timedelta(minutes=1))
    assert sign_in(colleague, PASSWORD)
