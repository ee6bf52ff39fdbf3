"""What is left of a job: its row for a while, its result, and no bytes that nothing names."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import User
from hosting.files import orphans
from hosting.jobs import state, worker
from hosting.members import closing
from hosting.models import HostedFile, Job
from hosting.storage import objects

pytestmark = pytest.mark.django_db


def test_a_jobs_row_goes_after_its_time_and_its_result_stays(submitted: Job) -> None:
    worker.run(submitted.pk)
    Job.objects.update(expires_at=timezone.now())
    assert state.delete_expired() == 1
    assert HostedFile.objects.count() == 1


def test_an_account_is_deleted_with_its_jobs_and_their_bytes(submitted: Job, owner: User) -> None:
    closing.delete_user(owner)
    assert Job.objects.count() == 0
    assert list(objects.walk()) == []


def test_sources_of_waiting_jobs_are_no_orphans(submitted: Job) -> None:
    assert len(orphans.find()) == 0
