"""Results that are gone, against the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hosting.models import HostedFile, Job
from hosting.storage import objects
from tests.factories import CompressionFactory

pytestmark = pytest.mark.django_db
GONE = {"message": "The result has expired or was deleted."}


@pytest.fixture
def job() -> Job:
    """A compression that is done."""
    return CompressionFactory()


def test_a_result_whose_bytes_went_while_it_was_asked_for_is_gone(client: Client, job: Job) -> None:
    assert job.result is not None
    objects.remove(job.result.path)
    answer = client.get(f"/download/{job.number}")
    assert (answer.status_code, answer.json()) == (404, GONE)


@pytest.mark.parametrize("how", ["expired", "deleted", "unapproved"])
def test_a_result_that_is_gone_is_reported_at_both_addresses(
    client: Client, job: Job, how: str
) -> None:
    rows = HostedFile.objects.all()
    match how:
        case "expired":
            rows.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "deleted":
            rows.delete()
        case _:
            rows.update(is_approved=False)
    for path in (f"/result/{job.key}", f"/download/{job.number}"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (404, GONE)
