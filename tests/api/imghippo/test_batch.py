"""Which faults refuse a whole request, and which are reported for one file."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import keys
from accounts.errors import AccountError, StorageFull
from hosting.api.imghippo import batch
from hosting.errors import HostingError
from processing import ProcessingError
from processing.errors import InvalidImage
from tests import pictures
from tests.factories import UserFactory

Refusal = AccountError | ProcessingError | HostingError


def answer_where_every_file_fails(error: Refusal, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The answer to two pictures, neither of which can be kept."""

    def fail(*args: Any) -> None:
        raise error

    monkeypatch.setattr(batch.results, "keep", fail)
    key = keys.create(UserFactory(), name="tests")[1]
    files = [SimpleUploadedFile(f"{name}.jpg", pictures.jpeg()) for name in "ab"]
    return Client().post("/v1/compress-image", {"api_key": key, "image": files})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StorageFull(1), 413),
        (ProcessingError("invalid_parameter", "No picture is that large."), 400),
        (ProcessingError("engine_missing", "A program is missing."), 500),
        (HostingError("too_many_jobs"), 429),
        (HostingError("timed_out.waiting"), 500),
        (HostingError("worker_lost"), 500),
        (HostingError("internal_error"), 500),
        (HostingError("busy"), 503),
    ],
    ids=lambda one: getattr(one, "code", None),
)
def test_what_is_no_files_fault_refuses_the_request(
    error: Refusal, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = answer_where_every_file_fails(error, monkeypatch)
    assert answer.status_code == status
    assert answer.json() == {"success": False, "status": status, "message": error.message}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [
        InvalidImage(),
        ProcessingError("too_many_pixels", "The picture has too many pixels."),
        ProcessingError("too_many_frames", "The animation has too many frames."),
    ],
    ids=lambda one: one.code,
)
def test_what_is_wrong_with_a_file_is_reported_for_that_file(
    error: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = answer_where_every_file_fails(error, monkeypatch)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["summary"]["failed"], len(body["data"])) == (2, 2)
