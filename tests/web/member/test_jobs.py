"""A member's jobs: how each goes, ending one, and trying one again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from hosting.audit import COMMAND_LINE
from hosting.models import Job
from hosting.moderation import decisions
from tests.factories import HostedFileFactory

pytestmark = pytest.mark.django_db
Page = Callable[..., str]


def job_of(owner: User, state: str, **context: object) -> Job:
    return Job.objects.create(owner=owner, kind="remove-background", state=state, **context)


def test_the_list_shows_state_progress_and_reason(page: Page, member: User) -> None:
    job_of(member, "running", progress=42)
    job_of(member, "failed", error_message="The file is damaged.")
    theirs = Job.objects.create(kind="compress")
    html = page("/dashboard/jobs")
    assert "42 %" in html
    assert "The file is damaged." in html
    assert "data-unfinished" in html
    assert theirs.public_id not in html


def test_the_list_is_left_alone_when_nothing_goes_on(page: Page, member: User) -> None:
    job_of(member, "done")
    assert "data-unfinished" not in page("/dashboard/jobs")


def test_without_a_script_a_jobs_page_asks_again_while_it_goes_on(page: Page, member: User) -> None:
    running, done = job_of(member, "running"), job_of(member, "done")
    assert 'http-equiv="refresh"' in page(f"/dashboard/jobs/{running.public_id}")
    assert 'http-equiv="refresh"' not in page(f"/dashboard/jobs/{done.public_id}")


def test_a_result_that_moderators_removed_is_no_longer_there(page: Page, member: User) -> None:
    file = HostedFileFactory(owner=member)
    job = job_of(member, "done", result=file)
    decisions.decide(file, "remove", COMMAND_LINE)
    assert file.path not in page("/dashboard/jobs")
    assert "no longer available" in page(f"/dashboard/jobs/{job.public_id}")


def test_a_job_is_cancelled_once(member_client: Client, member: User) -> None:
    job = job_of(member, "queued")
    path = f"/dashboard/jobs/{job.public_id}/cancel"
    assert "The job was cancelled." in member_client.post(path, follow=True).content.decode()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert "had already finished" in member_client.post(path, follow=True).content.decode()


def test_a_job_that_failed_for_no_fault_of_its_file_can_be_tried_again(
    member_client: Client, member: User
) -> None:
    lost = job_of(member, "failed", error_code="worker_lost", error_message="Interrupted.")
    html = member_client.get(f"/dashboard/jobs/{lost.public_id}").content.decode()
    assert "Try again" in html
    member_client.post(f"/dashboard/jobs/{lost.public_id}/retry")
    lost.refresh_from_db()
    assert lost.state == Job.State.QUEUED


def test_a_job_whose_file_is_at_fault_cannot(member_client: Client, member: User) -> None:
    damaged = job_of(member, "failed", error_code="invalid_image", error_message="Damaged.")
    path = f"/dashboard/jobs/{damaged.public_id}"
    assert "Try again" not in member_client.get(path).content.decode()
    answer = member_client.post(f"{path}/retry", follow=True)
    assert "cannot be retried" in answer.content.decode()
    damaged.refresh_from_db()
    assert damaged.state == Job.State.FAILED


def test_a_result_is_shown_and_its_loss_is_explained(page: Page, member: User) -> None:
    file = HostedFileFactory(owner=member)
    job = job_of(member, "done", result=file)
    assert f'href="/{file.path}" download' in page(f"/dashboard/jobs/{job.public_id}")
    file.delete()
    assert "its result is no longer available" in page(f"/dashboard/jobs/{job.public_id}")


def test_the_page_of_a_removed_background_tells_what_removed_it(page: Page, member: User) -> None:
    done = job_of(member, "done", outcome={"engine": "rembg u2netp"})
    other = Job.objects.create(owner=member, kind="imagine", outcome={"engine": "sdxl"})
    assert "rembg u2netp" in page(f"/dashboard/jobs/{done.public_id}")
    assert "sdxl" not in page(f"/dashboard/jobs/{other.public_id}")
