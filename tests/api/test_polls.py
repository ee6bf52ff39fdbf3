"""What is asked again and again: one look into the database, and nothing that only pages need."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from hosting.models import Job
from tests.factories import CompressionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Job:
    """A compression that is done."""
    return CompressionFactory(
        parameters={"format": None, "output": "jpeg", "target": 20_000},
        outcome={"target_met": True},
    )


def test_a_poll_is_one_query_whoever_asks(
    client: Client, job: Job, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(UserFactory())
    with django_assert_num_queries(1):
        answer = client.get(f"/result/{job.key}")
    assert answer.json()["status"] == "done"
    assert "Vary" not in answer
    assert not answer.cookies


def test_a_poll_tells_browsers_not_to_guess_and_caches_not_to_keep(
    client: Client, job: Job
) -> None:
    answer = client.get(f"/result/{job.key}")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("state", [state for state in Job.State if state != Job.State.DONE])
def test_every_state_has_its_answer(client: Client, job: Job, state: Job.State) -> None:
    Job.objects.update(state=state, result=None)
    body = client.get(f"/result/{job.key}").json()["status"]
    assert body == ("processing" if state in Job.UNFINISHED else "failed")


def test_mistakes_are_answered_in_the_apis_own_words(client: Client, job: Job) -> None:
    assert client.get("/result/nothing").json() == {"message": "Result not found."}
    answer = client.post(f"/result/{job.key}")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert set(answer.json()) == {"message"}


def test_a_fault_is_answered_in_the_apis_own_words(
    client: Client, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(job: object) -> None:
        raise RuntimeError("not for everybody")

    monkeypatch.setattr("hosting.api.imgsmaller.responses.done", fail)
    answer = client.get(f"/result/{job.key}")
    assert answer.status_code == 500
    assert set(answer.json()) == {"message"}
    assert b"not for everybody" not in answer.content
