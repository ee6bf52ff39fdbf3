"""Tries at a password: so many in a while, whatever cache counts them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends import db
from django.core.management import call_command

from accounts import attempts

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)


CACHES = {
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "database": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "tries"},
}


@pytest.fixture(params=CACHES)
def clock(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[datetime]]:
    """The time that the cache believes it is, to be changed."""
    settings.CACHES = {"default": CACHES[request.param]}
    call_command("createcachetable")
    now = [START]
    monkeypatch.setattr(db, "tz_now", lambda: now[0])
    monkeypatch.setattr("django.core.cache.backends.base.time.time", lambda: now[0].timestamp())
    cache.clear()
    yield now
    cache.clear()


def test_so_many_are_admitted_and_no_more(clock: list[datetime]) -> None:
    assert [attempts.admitted("door", 3, 600) for _ in range(5)] == [True, True, True, False, False]
    assert attempts.admitted("window", 3, 600)


def test_a_try_counts_for_its_whole_time_and_refused_ones_do_not(clock: list[datetime]) -> None:
    assert all(attempts.admitted("door", 3, 600) for _ in range(3))
    clock[0] = START + timedelta(seconds=590)
    assert not attempts.admitted("door", 3, 600)
    clock[0] = START + timedelta(seconds=601)
    assert attempts.admitted("door", 3, 600)
