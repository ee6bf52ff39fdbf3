"""Real databases for tests of what many do at once: the one in memory that other tests use locks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import environ
import pytest
from django.core.management import call_command
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from tests.services.servers import postgres

__all__ = ["at_once", "each_database", "file_database", "migrated_postgres", "postgres"]

_numbers = count(1)


def at_once(threads: int, work: Callable[[], Any]) -> list[Any]:
    """What `work` returns in so many threads that start together, each with a connection of its own."""
    start = Barrier(threads)

    def run() -> Any:
        try:
            start.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return [done.result() for done in [pool.submit(run) for _ in range(threads)]]


@contextmanager
def instead(settings: dict[str, Any], blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let Django use that database for a `with` block."""
    kept, kept_settings = connections["default"], connections.settings["default"]
    with blocker.unblock():
        del connections["default"]
        connections.settings["default"] = settings
        try:
            yield
        finally:
            connection.close()
            connections.settings["default"] = kept_settings
            connections["default"] = kept


@pytest.fixture
def file_database(
    tmp_path: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A file of SQLite's, as a small site has it."""
    settings = {**connections.settings["default"], "NAME": str(tmp_path / "site.db")}
    with instead(settings, django_db_blocker):
        call_command("migrate", verbosity=0)
        yield


@pytest.fixture(scope="module")
def migrated_postgres(
    postgres: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> dict[str, Any]:
    """The settings of a migrated database, of which each test gets a copy."""
    url = environ.Env.db_url_config(postgres)
    settings: dict[str, Any] = connections.configure_settings(
        {"default": {**url, "CONN_MAX_AGE": 0}}
    )["default"]
    with (
        instead({**settings, "NAME": "postgres"}, django_db_blocker),
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE DATABASE migrated")
    settings["NAME"] = "migrated"
    with instead(settings, django_db_blocker):
        call_command("migrate", verbosity=0)
    return settings


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def each_database(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """SQLite's file and a server of PostgreSQL's, which ends with an error where it met a deadlock."""
    if request.param == "sqlite":
        request.getfixturevalue("file_database")
        yield
        return
    settings = request.getfixturevalue("migrated_postgres")
    name = f"copy_{next(_numbers)}"
    with (
        instead({**settings, "NAME": "postgres"}, django_db_blocker),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE migrated")
    with instead({**settings, "NAME": name}, django_db_blocker):
        yield
