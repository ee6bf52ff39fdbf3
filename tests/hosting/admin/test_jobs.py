"""An operator ends jobs and has failed ones tried again."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from hosting.models import Job
from hosting.storage import objects
from tests.hosting.admin.pages import Committing

pytestmark = pytest.mark.django_db

JOBS = "/admin/hosting/job/"


def act(client: Client, action: str, job: Job) -> None:
    answer = client.post(JOBS, {"action": action, "_selected_action": [job.pk]}, follow=True)
    assert answer.status_code == 200


def test_a_job_that_waits_can_be_cancelled(client: Client, boss: User, alice: User) -> None:
    job = Job.objects.create(owner=alice, kind="compress")
    act(client, "cancel", job)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_a_job_that_failed_by_our_fault_can_be_tried_again(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    objects.put(objects.GUARDED, "jobs/x", b"source")
    job = Job.objects.create(
        owner=alice, kind="compress", state="failed", error_code="worker_lost", source_path="jobs/x",
        source_size=6,
    )  # fmt: skip
    act(client, "try_again", job)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.QUEUED, "")


def test_who_may_only_look_ends_nothing(client: Client, alice: User) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(looker)
    job = Job.objects.create(owner=alice, kind="compress")
    assert client.get(JOBS).status_code == 200
    act(client, "cancel", job)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
