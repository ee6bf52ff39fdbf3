"""A session's cookie cannot be made from what the database holds, and no session lasts for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.sessions import SIGNED_IN_AT, SessionStore
from tests.accounts.conftest import PASSWORD, sign_in

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


def age(client: Client, *, idle: float = 0, signed_in: float = 0) -> None:
    """Make it so many seconds longer ago that the session was used, and that its member signed in."""
    session = client.session
    if signed_in:
        session[SIGNED_IN_AT] -= signed_in
        session.save()
    row = Session.objects.get(session_key=session.session_key)
    Session.objects.update(expire_date=row.expire_date - timedelta(seconds=idle))


def test_a_session_ends_when_it_is_not_used(client: Client, alice: User, settings: Any) -> None:
    sign_in(client, "alice")
    age(client, idle=settings.SESSION_COOKIE_AGE - 60)
    assert opens(cookie_of(client))
    age(client, idle=settings.SESSION_COOKIE_AGE + 60)
    assert not opens(cookie_of(client))


def test_a_session_that_is_used_lasts(client: Client, alice: User, settings: Any) -> None:
    client.post("/account/login/", {"login": "alice", "password": PASSWORD, "remember": "on"})
    for _ in range(4):
        age(client, idle=settings.SESSION_COOKIE_AGE / 2)
        answer = client.get("/dashboard")
        assert answer.status_code == 200
        # The browser is told of the new end.
        cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
        assert settings.SESSION_COOKIE_AGE - 5 <= cookie["max-age"] <= settings.SESSION_COOKIE_AGE
        assert opens(cookie.value)
    assert settings.SESSION_COOKIE_NAME not in client.get("/dashboard").cookies


def test_a_session_that_is_used_ends_some_time_after_signing_in(
    client: Client, alice: User, settings: Any
) -> None:
    sign_in(client, "alice")
    age(client, signed_in=settings.SESSION_MAX_SECONDS - 60)
    assert client.get("/dashboard").status_code == 200
    assert client.session.get_expiry_date() - timezone.now() > timedelta(days=1)
    age(client, signed_in=120)
    assert client.get("/dashboard")["Location"].startswith("/account/login/")
    sign_in(client, "alice")
    assert client.get("/dashboard").status_code == 200


def test_no_use_and_no_change_makes_a_session_last_beyond_its_end(
    client: Client, alice: User, settings: Any
) -> None:
    sign_in(client, "alice")
    age(client, signed_in=settings.SESSION_MAX_SECONDS - 60)
    age(client, idle=settings.SESSION_COOKIE_AGE / 2)
    client.get("/dashboard")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    left = Session.objects.get().expire_date - timezone.now()
    assert left <= timedelta(seconds=60)


def test_extending_a_session_keeps_what_another_request_wrote(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    age(client, idle=settings.SESSION_COOKIE_AGE / 2)
    used = SessionStore(client.session.session_key)
    assert used["_auth_user_id"] == str(alice.pk)
    other = SessionStore(client.session.session_key)
    other["written"] = "meanwhile"
    other.save()
    assert used.extend()
    assert SessionStore(client.session.session_key)["written"] == "meanwhile"
    Session.objects.all().delete()
    assert not used.extend()
    assert not Session.objects.exists()


def test_guests_have_no_session_that_is_extended(client: Client) -> None:
    assert settings.SESSION_COOKIE_NAME not in client.get("/").cookies
    assert not Session.objects.exists()


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
