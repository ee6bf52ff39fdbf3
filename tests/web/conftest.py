"""What the tests of the pages share."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.factories import UserFactory, sign_in

HOSTILE_TITLES = [
    '"><script>alert(1)</script>',
    "'\" onload=alert(1) x='",
    "\u202egnp.exe שלום",
    "x" * 100,
    "two\nlines & <b>",
    "](javascript:alert(1)) [url=x]",
    "{viewer} {0} %s",
]


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Path, db: None) -> Iterator[None]:
    """Each test has its own files and forgets every visit."""
    stored = {**settings.STORAGES}
    stored["files"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "files", "base_url": None},
    }
    settings.STORAGES = stored
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def member() -> User:
    return UserFactory()


@pytest.fixture
def member_client(member: User) -> Client:
    """A browser in which `member` is signed in."""
    client = Client()
    sign_in(client, member)
    return client


@pytest.fixture
def part() -> Callable[[str, bytes], io.BytesIO]:
    """A file for the test client's forms."""

    def make(name: str, content: bytes) -> io.BytesIO:
        stream = io.BytesIO(content)
        stream.name = name
        return stream

    return make
