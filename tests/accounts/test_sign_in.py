"""Wrong passwords are counted to who tries them, and keep nobody else out of an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db.models import F
from django.test import Client, RequestFactory

from accounts import counting, sign_in
from accounts.models import User, WorkCount
from tests.accounts.conftest import PASSWORD, signed_in_as
from tests.accounts.conftest import sign_in as fill_in
from tests.databases import at_once, each_database, file_database, migrated_postgres, postgres

__all__ = ["each_database", "file_database", "migrated_postgres", "postgres"]

pytestmark = pytest.mark.django_db


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def guess(client: Client, name: str, times: int = 5) -> None:
    for _ in range(times):
        fill_in(client, name, "wrong")


def gets_in(client: Client, name: str = "alice", password: str = PASSWORD) -> bool:
    fill_in(client, name, password)
    return signed_in_as(client) is not None


@pytest.mark.parametrize("who", ["alice", "boss"])
def test_wrong_passwords_from_elsewhere_lock_neither_owner_nor_administrator_out(
    who: str, alice: User, boss: User
) -> None:
    for number in range(10):
        guess(at(f"192.0.2.{number}"), who)

    assert gets_in(at("198.51.100.7"), who)
    assert not gets_in(at("192.0.2.3"), who)


def test_name_and_mail_address_in_any_spelling_are_one_account(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    thief = at("192.0.2.1")
    for name in ("alice", "ALICE", "alice@example.org", "Alice@Example.org", "alice"):
        guess(thief, name, 1)

    assert not gets_in(thief, "alice")
    assert not gets_in(thief, "alice@example.org")


def test_one_customers_ipv6_addresses_are_one(alice: User) -> None:
    for number in range(5):
        guess(at(f"2001:db8:1:2::{number + 1}"), "alice", 1)

    assert not gets_in(at("2001:db8:1:2:aaaa::1"))
    assert gets_in(at("2001:db8:1:3::1"))


def test_many_addresses_together_are_stopped_but_a_known_browser_gets_in(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "OF_ACCOUNT", {"hour": 20})
    hers = at("198.51.100.7")
    assert gets_in(hers)
    hers.post("/account/logout/")
    for number in range(10):
        guess(at(f"192.0.2.{number}"), "alice", 2)

    assert not gets_in(at("203.0.113.1"))
    # From wherever she is by now.
    hers.defaults["REMOTE_ADDR"] = "203.0.113.2"
    assert gets_in(hers)


def test_a_known_browser_may_not_guess_for_ever(alice: User) -> None:
    hers = at("198.51.100.7")
    assert gets_in(hers)
    hers.post("/account/logout/")
    guess(hers, "alice")

    assert not gets_in(hers)


def test_what_proves_a_browser_is_of_one_account_and_ends_with_its_password(
    alice: User, boss: User
) -> None:
    hers = at("198.51.100.7")
    assert gets_in(hers)
    cookie = hers.cookies[sign_in.DEVICE_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    value = cookie.value

    def known(user: User, value: str) -> bool:
        request: Any = type("Request", (), {"COOKIES": {sign_in.DEVICE_COOKIE: value}})
        return bool(sign_in._device(request, user))

    assert known(alice, value)
    assert not known(boss, value)
    assert not known(boss, value.replace(f"{alice.pk}.", f"{boss.pk}.", 1))
    assert not known(alice, f"{alice.pk}.device.0000")
    alice.set_password("another long password")
    assert not known(alice, value)


# Which of two accounts is found first is up to their numbers.
@pytest.mark.parametrize("first", ["owner", "thief"])
@pytest.mark.parametrize("is_confirmed", [True, False], ids=["confirmed", "unconfirmed"])
def test_who_signs_up_with_her_address_gets_no_tries_at_her_password(
    first: str, is_confirmed: bool
) -> None:
    email = "both@example.org"
    for name in sorted(("owner", "thief"), key=lambda name: name != first):
        user = User.objects.create_user(name, email, f"the password of {name}")
        verified = is_confirmed and name == "owner"
        EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    for _ in range(4):
        # Each time his browser is known anew, under another name.
        his = at("192.0.2.1")
        assert gets_in(his, "thief", "the password of thief")
        his.post("/account/logout/")
        guess(his, email, 2)

    assert not gets_in(his, email, "the password of owner")
    assert gets_in(at("198.51.100.7"), email, "the password of owner")


def test_right_passwords_do_not_count(alice: User) -> None:
    for _ in range(8):
        client = at("192.0.2.1")
        assert gets_in(client)
        client.post("/account/logout/")

    assert set(WorkCount.objects.values_list("hour_count", flat=True)) == {0}


def test_an_address_may_not_try_accounts_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "OF_ADDRESS", {"hour": 3})
    users = [User.objects.create_user(f"member{n}", password=PASSWORD) for n in range(5)]
    thief = at("192.0.2.1")
    for user in users[:3]:
        guess(thief, user.username, 1)

    assert not gets_in(thief, "member4")
    assert gets_in(at("192.0.2.2"), "member4")


def test_after_a_while_and_after_a_new_password_all_attempts_are_back(alice: User) -> None:
    here = at("192.0.2.1")
    guess(here, "alice")
    assert not gets_in(here)
    spans = {f"{name}_start": F(f"{name}_start") - timedelta(seconds=61) for name in counting.SPANS}
    WorkCount.objects.update(**spans)
    assert gets_in(here)
    here.post("/account/logout/")
    here.cookies.clear()
    guess(here, "alice")
    assert not gets_in(here)

    sign_in.forget_attempts(alice)
    assert gets_in(here)


def test_names_of_nobody_are_counted_too() -> None:
    thief = at("192.0.2.1")
    guess(thief, "nobody", 6)

    answer = thief.post("/account/login/", {"login": "Nobody", "password": "x"})
    assert "Too many failed login attempts" in answer.content.decode()


def test_guesses_at_once_are_as_many_as_one_after_another(each_database: None) -> None:
    User.objects.create_user("alice", "alice@example.org", PASSWORD)
    request = RequestFactory().post("/account/login/", REMOTE_ADDR="192.0.2.1")

    tried = at_once(20, lambda: sign_in.begin(request, {"username": "alice"}) is not None)

    assert sum(tried) == 5
