"""A session's cookie cannot be made from what the database holds."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import sign_in

pytestmark = pytest.mark.django_db


def opens(cookie: str) -> bool:
    """Whether the site lets a browser with this cookie see a member's pages."""
    answer = Client().get(
        "/dashboard", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}
    )
    assert answer.status_code in {200, 302}
    return answer.status_code == 200


def cookie_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def everything_in_the_database() -> set[str]:
    rows = [*Session.objects.values_list(), *UserSession.objects.values_list()]
    return {str(value) for row in rows for value in row}


def test_what_the_database_holds_opens_no_session(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    held = everything_in_the_database()
    assert cookie_of(client) not in held
    for value in held:
        if value.isascii() and len(value) < 100:
            assert not opens(value)
    assert opens(cookie_of(client))


@pytest.mark.parametrize("change", [lambda c: c + "x", lambda c: c[:-1], lambda c: "x" + c])
def test_a_cookie_that_was_changed_opens_nothing(client: Client, alice: User, change: Any) -> None:
    sign_in(client, "alice")
    assert not opens(change(cookie_of(client)))


def test_the_cookie_keeps_its_other_words(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


def test_a_new_secret_key_keeps_sessions_while_the_old_one_is_named(
    client: Client, alice: User, settings: Any
) -> None:
    sign_in(client, "alice")
    old, settings.SECRET_KEY = (
        settings.SECRET_KEY,
        "another-key-of-more-than-fifty-characters-0123456789",
    )
    assert not opens(cookie_of(client))
    settings.SECRET_KEY_FALLBACKS = [old]
    # The session's own content is signed too.
    assert opens(cookie_of(client))
