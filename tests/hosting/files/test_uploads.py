"""What an upload asks of the database."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import keys
from hosting.models import ModerationRules
from tests import pictures
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def queries(key: str, client: Client) -> list[str]:
    """What an upload through the Chevereto API asks, but for the marks of transactions."""
    # Made with the first upload of a site.
    ModerationRules.current()
    part = SimpleUploadedFile("sea.png", pictures.png(40, 30), "image/png")
    with CaptureQueriesContext(connection) as asked:
        answer = client.post("/api/1/upload", {"source": part}, headers={"X-API-Key": key})
    assert answer.status_code == 200, answer.content
    return [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]


def test_a_guests_upload_reads_the_guests_rights_once(client: Client) -> None:
    asked = queries(keys.guest_access().key, client)
    assert len([sql for sql in asked if "accounts_guestaccess" in sql]) == 1
    assert len(asked) <= 22, "\n".join(asked)


def test_a_members_upload_does_not_read_them_at_all(client: Client) -> None:
    _, key = keys.create(UserFactory(own_storage_limit=10**9), name="key")
    asked = queries(key, client)
    assert [sql for sql in asked if "accounts_guestaccess" in sql] == []
    assert len(asked) <= 23, "\n".join(asked)
