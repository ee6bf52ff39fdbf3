"""How a resumable upload ends: as a file, by an error, by its owner, or with time."""

from __future__ import annotations

import errno
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from hosting import tasks
from hosting.files import deletion, resumable
from hosting.members import closing
from hosting.models import HostedFile, PartialUpload
from hosting.storage import objects
from tests.api.native.conftest import problem
from tests.api.native.tus import Tus, stored_parts
from tests.factories import HostedFileFactory

pytestmark = pytest.mark.django_db


def test_what_ends_leaves_nothing_behind(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:500])
    assert len(stored_parts()) == 1
    assert tus.ask("DELETE", at).status_code == 204
    assert tus.ask("HEAD", at).status_code == 404
    assert stored_parts() == []


def test_a_file_stays_when_its_upload_is_forgotten(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo)
    assert tus.ask("DELETE", at).status_code == 204
    assert HostedFile.objects.exists()


def test_a_broken_file_ends_its_upload_with_the_reason(tus: Tus) -> None:
    at = tus.at(2000, filename="notes.txt")
    tus.send(at, 0, b"n" * 1000)
    problem(tus.send(at, 1000, b"n" * 1000), 415, "unsupported_format")
    assert tus.ask("HEAD", at).status_code == 404
    assert stored_parts() == []
    assert not HostedFile.objects.exists()


def test_a_duplicate_is_the_file_that_is_there(tus: Tus, photo: bytes) -> None:
    first, second = tus.at(len(photo)), tus.at(len(photo))
    tus.send(first, 0, photo)
    answer = tus.send(second, 0, photo)
    assert answer.status_code == 204
    file = HostedFile.objects.get()
    assert answer["Content-Location"].endswith(file.public_id)
    seen = tus.ask("GET", second).json()
    assert (seen["is_duplicate"], seen["file"]["delete_url"]) == (True, None)
    wanted = tus.at(len(photo), allow_duplicate="true")
    assert tus.send(wanted, 0, photo).status_code == 204
    assert HostedFile.objects.count() == 2


def test_no_room_left_keeps_what_arrived(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])
    User.objects.filter(pk=tus.api.user.pk).update(own_storage_limit=10)
    problem(tus.send(at, 100, photo[100:]), 413, "storage_full")
    assert tus.offset(at) == 100
    User.objects.filter(pk=tus.api.user.pk).update(own_storage_limit=10**9)
    assert tus.send(at, 100, photo[100:]).status_code == 204


def test_a_full_disk_is_said_so_and_keeps_what_arrived(
    tus: Tus, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(objects, "put", full)
        problem(tus.send(at, 100, photo[100:200]), 507, "no_space")
        problem(tus.send(at, 100, photo[100:]), 507, "no_space")
    assert tus.offset(at) == 100
    assert tus.send(at, 100, photo[100:]).status_code == 204
    with monkeypatch.context() as patched:
        patched.setattr(objects, "free_bytes", lambda: 100)
        problem(tus.begin(len(photo)), 507, "no_space")


def test_a_fault_of_ours_at_the_end_leaves_it_as_it_was(
    tus: Tus, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = tus.at(len(photo))

    def faulty(*args: Any) -> None:
        raise RuntimeError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(resumable, "accept", faulty)
        problem(tus.send(at, 0, photo), 500, "internal_error")
    assert tus.offset(at) == 0
    assert tus.send(at, 0, photo).status_code == 204


def test_what_nobody_goes_on_with_is_over_and_swept(tus: Tus, photo: bytes) -> None:
    at, kept = tus.at(len(photo)), tus.at(10)
    tus.send(at, 0, photo[:100])
    late = PartialUpload.objects.filter(length=len(photo))
    late.update(expires_at=timezone.now() - timedelta(seconds=1))
    problem(tus.send(at, 100, photo[100:]), 410, "upload_gone")
    tasks.clear_temporary()
    assert tus.ask("HEAD", at).status_code == 404
    assert stored_parts() == []
    assert tus.offset(kept) == 0


def test_a_deleted_file_takes_its_upload_along(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo)
    deletion.delete(HostedFile.objects.get())
    assert tus.ask("HEAD", at).status_code == 410


def test_an_account_that_closes_takes_its_pieces_along(tus: Tus, photo: bytes) -> None:
    tus.send(tus.at(len(photo)), 0, photo[:100])
    closing.delete_user(tus.api.user)
    assert stored_parts() == []


def test_pieces_that_wait_are_no_orphans(tus: Tus, photo: bytes) -> None:
    HostedFileFactory()
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])
    call_command("find_orphans")
    assert tus.send(at, 100, photo[100:]).status_code == 204


def test_an_upload_of_which_nothing_comes_is_forgotten_in_minutes(tus: Tus) -> None:
    at = tus.at(10)
    upload = PartialUpload.objects.get()
    assert upload.expires_at <= timezone.now() + timedelta(minutes=10)

    tus.send(at, 0, b"begun")
    upload.refresh_from_db()
    assert upload.expires_at > timezone.now() + timedelta(hours=23)
