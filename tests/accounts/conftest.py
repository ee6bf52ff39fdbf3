"""The cast of the tests of accounts, and what they need of a browser and of a telephone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.sessions import SIGNED_IN_AT

PASSWORD = "a long password of theirs"


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> Iterator[None]:
    """Every test begins with all its attempts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", "alice@example.org", PASSWORD)


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", "boss@example.org", PASSWORD)


@pytest.fixture
def office(client: Client, boss: User) -> Client:
    """An administrator's browser."""
    client.force_login(boss)
    return client


@pytest.fixture
def helper(client: Client) -> Client:
    """The browser of one of the staff who may do all with users that permissions give."""
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client.force_login(user)
    return client


def sign_in(client: Client, name: str, password: str = PASSWORD, *, then: str = "") -> int:
    """Fill in the sign-in form; return the answer's status."""
    query = f"?next={then}" if then else ""
    return client.post(f"/account/login/{query}", {"login": name, "password": password}).status_code


def let_time_pass(client: Client, minutes: float = 60) -> None:
    """Make it so long ago that this browser's member gave the password."""
    session = client.session
    session[SIGNED_IN_AT] -= minutes * 60
    session.save()


def signed_in_as(client: Client) -> str | None:
    """Whom the site takes this browser for."""
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number).username if number else None


def one_time_code(secret: str) -> str:
    """What a telephone shows now for `secret` (RFC 6238: SHA-1, 30 seconds, 6 digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def switch_on_second_factor(client: Client) -> str:
    """Say the password again and scan the code that the page shows; return its secret."""
    page = "/account/2fa/totp/activate/"
    let_time_pass(client)
    assert client.get(page)["Location"].startswith("/account/reauthenticate/")
    client.post(f"/account/reauthenticate/?next={page}", {"password": PASSWORD})
    secret: str = client.get(page).context["form"].secret
    assert client.post(page, {"code": one_time_code(secret)}).status_code == 302
    # A code is good once; the next one would come in half a minute.
    cache.clear()
    return secret
