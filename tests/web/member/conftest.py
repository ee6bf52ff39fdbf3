"""What the tests of the member's own pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from hosting.models import HostedFile
from tests.factories import HostedFileFactory, UserFactory


@pytest.fixture
def file(member: User) -> HostedFile:
    """A picture of the member's."""
    return HostedFileFactory(owner=member, title="Harbour", charged=1000)


@pytest.fixture
def stranger() -> User:
    return UserFactory()


@pytest.fixture
def page(member_client: Client) -> Callable[..., str]:
    """The HTML of a page that the member sees; it has to be there."""

    def get(path: str, **query: Any) -> str:
        answer = member_client.get(path, query)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    return get
