"""Fixtures of the tests of jobs: an owner, a job of theirs, and what its work does."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from accounts.keys import Caller
from accounts.models import User
from hosting import tasks
from hosting.jobs import queue, recovery
from hosting.jobs.kinds import WORK, Outcome, Work
from hosting.models import Job
from hosting.sources.source import Source
from tests.factories import UserFactory
from tests.hosting.jobs.work import PLACEMENT, RESULT


@pytest.fixture
def owner() -> User:
    return UserFactory()


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[bytes], Any]]:
    """What the work "test" does before it gives RESULT; the last one appended counts."""
    does: list[Callable[[bytes], Any]] = []

    def do(data: bytes, parameters: Any, limits: Any, progress: Any) -> Outcome:
        progress(0.5)
        if does:
            does[-1](data)
        return Outcome(RESULT, {"given": parameters["give"]})

    monkeypatch.setitem(WORK, "test", Work(do))
    return does


@pytest.fixture(autouse=True)
def _no_sweeps_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "_swept", float("inf"))


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The keys of the jobs that messages were sent for."""
    entries: list[int] = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda args, **_: entries.extend(args))
    return entries


@pytest.fixture
def submitted(owner: User, doing: list[Any]) -> Job:
    content = b"the source"
    source = Source(io.BytesIO(content), len(content), "cat.jpg")
    return queue.submit(Caller(owner), "test", source, {"give": 7}, PLACEMENT)
