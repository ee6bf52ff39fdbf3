"""The test key that every account has from the start."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import keys
from accounts.models import ApiKey, User

pytestmark = pytest.mark.django_db
FIELD = 'id="first-test-key" value="'


def test_a_new_member_sees_a_test_key_that_works_and_sees_it_once(client: Client) -> None:
    form = {"username": "newcomer", "email": "new@example.org"}
    password = {
        "password1": "correct horse battery staple",
        "password2": "correct horse battery staple",
    }
    client.post("/account/signup/", {**form, **password})

    page = client.get("/settings/keys").content.decode()
    secret = page.split(FIELD)[1].split('"')[0]

    caller = keys.identify(secret)
    assert caller.is_test
    assert caller.user == User.objects.get(username="newcomer")
    again = client.get("/settings/keys").content.decode()
    assert secret not in again
    assert FIELD not in again


def test_a_page_that_is_fetched_ahead_shows_and_makes_no_key(member_client: Client) -> None:
    headers = {"Sec-Purpose": "prefetch;prerender"}
    assert FIELD not in member_client.get("/settings/keys", headers=headers).content.decode()
    assert not ApiKey.objects.exists()
    assert FIELD in member_client.get("/settings/keys").content.decode()
