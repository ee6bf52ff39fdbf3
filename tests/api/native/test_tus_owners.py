"""Whose a resumable upload is, and how many of them members and guests may have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.keys import guest_access
from accounts.models import User, WorkCount
from hosting.files import resumable
from hosting.models import HostedFile
from tests.api.native.conftest import Api, problem
from tests.api.native.tus import BYTES, Tus, metadata_header

pytestmark = pytest.mark.django_db


def test_the_plans_limits_hold_when_it_begins(tus: Tus, photo: bytes) -> None:
    User.objects.filter(pk=tus.api.user.pk).update(own_storage_limit=1_000_000)
    problem(tus.begin(1_000_001), 413, "storage_full")
    tus.at(600_000)
    problem(tus.begin(600_000), 413, "storage_full")
    tus.at(400_000)


def test_nobody_has_too_many_unfinished(tus: Tus, guest: Api, settings: Any) -> None:
    settings.MAX_PARTIAL_UPLOADS = 2
    for who in (tus, Tus(guest)):
        first, _ = who.at(10), who.at(10)
        problem(who.begin(10), 429, "too_many_uploads")
        assert who.ask("DELETE", first).status_code == 204
        who.at(10)


def test_somebody_elses_upload_is_not_there(
    tus: Tus, bob: Api, guest: Api, member: Callable[..., Api], photo: bytes
) -> None:
    at = tus.at(len(photo))
    for other in (bob, guest, member(user=tus.api.user, kind="test")):
        for method in ("HEAD", "GET", "DELETE"):
            assert Tus(other).ask(method, at).status_code == 404
        problem(Tus(other).send(at, 0, photo), 404, "not_found")
    guests = Tus(guest).at(len(photo))
    assert tus.ask("HEAD", guests).status_code == 404


def test_another_key_of_the_same_account_may_go_on(
    tus: Tus, member: Callable[..., Api], photo: bytes
) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])
    assert Tus(member(user=tus.api.user)).send(at, 100, photo[100:]).status_code == 204


def test_a_guests_key_uploads_where_guests_may(guest: Api, anybody: Api, photo: bytes) -> None:
    at = Tus(guest).at(len(photo), filename="g.jpg")
    assert Tus(guest).send(at, 0, photo).status_code == 204
    assert HostedFile.objects.get().owner is None
    problem(Tus(anybody).begin(10), 401, "no_key")
    access = guest_access()
    access.enabled = False
    access.save()
    problem(Tus(guest).begin(10), 403, "uploads_disabled")


def test_the_sites_own_page_uploads_for_a_guest_and_for_a_member(alice: Api, photo: bytes) -> None:
    for user in (None, alice.user):
        browser = Client(enforce_csrf_checks=True)
        if user:
            backend = "allauth.account.auth_backends.AuthenticationBackend"
            browser.force_login(user, backend=backend)
        browser.get("/")
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(photo))}
        forged = browser.post("/api/v2/uploads", headers=headers)
        problem(forged, 403, "csrf_failed")
        own = {"X-CSRFToken": browser.cookies["csrftoken"].value}
        path = browser.post("/api/v2/uploads", headers={**headers, **own})["Location"]
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
        problem(browser.patch(path, photo, content_type=BYTES, headers=headers), 403, "csrf_failed")
        done = browser.patch(path, photo, content_type=BYTES, headers={**headers, **own})
        assert done.status_code == 204
        assert HostedFile.objects.latest("pk").owner == user


def test_a_members_upload_is_no_guests_once_the_session_has_ended(alice: Api, photo: bytes) -> None:
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice.user, backend=backend)
    browser.get("/")
    own = {"Tus-Resumable": "1.0.0", "X-CSRFToken": browser.cookies["csrftoken"].value}
    begin = {
        **own,
        "Upload-Length": str(len(photo)),
        "Upload-Metadata": metadata_header(privacy="public"),
    }
    path = browser.post("/api/v2/uploads", headers=begin)["Location"]
    del browser.cookies["sessionid"]
    last = {**own, "Upload-Offset": "0"}
    answer = browser.patch(path, photo, content_type=BYTES, headers=last)
    assert "signed out" in problem(answer, 401, "signed_out")["detail"]
    assert browser.head(path, headers=own).status_code == 401
    # Nor does it begin anew: only a member's form names the privacy.
    problem(browser.post("/api/v2/uploads", headers=begin), 401, "signed_out")
    assert not HostedFile.objects.exists()
    browser.force_login(alice.user, backend=backend)
    assert browser.patch(path, photo, content_type=BYTES, headers=last).status_code == 204
    assert HostedFile.objects.get().owner == alice.user


def begin_as_guest(guest: Api, address: str, data: bytes = b"") -> Any:
    values = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "X-API-Key": guest.key}
    return Client(REMOTE_ADDR=address).post(
        "/api/v2/uploads", data, content_type=BYTES if data else "", headers=values
    )


def test_empty_uploads_of_others_keep_no_guest_out(
    guest: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAX_PARTIAL_UPLOADS = 2
    monkeypatch.setattr(resumable, "GUESTS", 2)
    for number in range(8):
        assert begin_as_guest(guest, f"192.0.2.{number}").status_code == 201
    # What holds bytes takes room, and has a bound for all of them.
    for number in range(4):
        assert begin_as_guest(guest, f"198.51.100.{number}", b"begun").status_code == 201
    problem(begin_as_guest(guest, "203.0.113.1"), 429, "too_many_uploads")


def test_the_addresses_of_one_ipv6_customer_have_unfinished_uploads_together(
    guest: Api, settings: Any
) -> None:
    settings.MAX_PARTIAL_UPLOADS = 2
    statuses = [begin_as_guest(guest, f"2001:db8:1:2::{n + 1}").status_code for n in range(3)]
    assert statuses == [201, 201, 429]
    assert begin_as_guest(guest, "2001:db8:1:3::1").status_code == 201


def test_an_upload_is_one_request_however_many_pieces_it_has(tus: Tus, photo: bytes) -> None:
    at, step = tus.at(len(photo)), -(-len(photo) // 8)
    for offset in range(0, len(photo), step):
        assert tus.send(at, offset, photo[offset : offset + step]).status_code == 204
        assert tus.offset(at) == min(offset + step, len(photo))
    assert [row.minute_count for row in WorkCount.objects.all()] == [1]
