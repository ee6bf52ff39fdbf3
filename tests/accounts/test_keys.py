"""API keys: what they look like, whom they open for, and how they end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import keys
from accounts.errors import GuestsRefused, InvalidKey, NoKey
from accounts.models import ApiKey, GuestAccess, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice")


@pytest.mark.parametrize("kind", ["live", "test"])
def test_a_key_looks_as_all_four_services_clients_expect(alice: User, kind: str) -> None:
    row, secret = keys.create(alice, name="phone", kind=kind)

    assert re.fullmatch(rf"{kind}_[A-Za-z0-9]{{8}}_[A-Za-z0-9]{{43}}", secret)
    assert secret.startswith(row.prefix)


def test_nothing_stored_reveals_the_secret(alice: User) -> None:
    row, secret = keys.create(alice, name="phone")

    hidden = secret.removeprefix(row.prefix)
    kept = ApiKey.objects.values().get()
    assert not any(hidden in str(value) or secret in str(value) for value in kept.values())


def test_no_two_keys_are_the_same(alice: User) -> None:
    assert len({keys.create(alice, name="key")[1] for _ in range(50)}) == 50


def test_a_key_opens_for_its_owner_and_says_whether_it_is_a_test_key(alice: User) -> None:
    _, live = keys.create(alice, name="live")
    _, test = keys.create(alice, name="test", kind="test")

    assert keys.identify(live).user == keys.identify(test).user == alice
    assert (keys.identify(live).is_test, keys.identify(test).is_test) == (False, True)
    assert not keys.identify(live).is_guest


def test_only_a_superusers_key_is_an_administrators(alice: User) -> None:
    boss = User.objects.create_superuser("boss")

    assert keys.identify(keys.create(boss, name="key")[1]).is_administrator
    assert not keys.identify(keys.create(alice, name="key")[1]).is_administrator
    assert not keys.Caller(user=None).is_administrator


@pytest.mark.parametrize("secret", [None, ""])
def test_no_key_at_all_is_told_apart_from_a_wrong_one(secret: str | None) -> None:
    with pytest.raises(NoKey):
        keys.identify(secret)


@pytest.mark.parametrize("secret", ["x", "live_12345678_", "ключ", "a\0b", "\udcff", "y" * 100_000])
def test_what_is_no_key_is_refused(secret: str) -> None:
    with pytest.raises(InvalidKey):
        keys.identify(secret)


def test_a_key_counts_by_every_letter(alice: User) -> None:
    _, secret = keys.create(alice, name="key")

    for near in (secret[:-1], secret + "x", secret.swapcase(), f" {secret}"):
        with pytest.raises(InvalidKey):
            keys.identify(near)


def test_a_revoked_key_opens_nothing_and_the_owners_other_keys_still_do(alice: User) -> None:
    row, secret = keys.create(alice, name="lost")
    _, other = keys.create(alice, name="kept")

    keys.revoke(row)

    with pytest.raises(InvalidKey):
        keys.identify(secret)
    assert keys.identify(other).user == alice


def test_revoking_twice_keeps_the_first_time(alice: User) -> None:
    row, _ = keys.create(alice, name="lost")
    keys.revoke(row)
    first = ApiKey.objects.get().revoked_at

    keys.revoke(row)

    assert first is not None
    assert ApiKey.objects.get().revoked_at == first


def test_a_closed_accounts_keys_open_nothing_until_it_is_opened_again(alice: User) -> None:
    _, secret = keys.create(alice, name="key")
    User.objects.update(is_active=False)

    with pytest.raises(InvalidKey):
        keys.identify(secret)

    User.objects.update(is_active=True)
    assert keys.identify(secret).user == alice


def test_the_last_use_is_known_to_the_minute_without_a_write_a_call(alice: User) -> None:
    _, secret = keys.create(alice, name="key")
    assert ApiKey.objects.get().last_used_at is None

    keys.identify(secret)
    first = ApiKey.objects.get().last_used_at
    keys.identify(secret)
    assert first is not None
    assert ApiKey.objects.get().last_used_at == first

    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    keys.identify(secret)
    last = ApiKey.objects.get().last_used_at
    assert last is not None
    assert last >= first


def test_the_guest_key_is_made_once_and_opens_for_guests(alice: User) -> None:
    key = keys.guest_access().key

    assert keys.guest_access().key == key
    assert GuestAccess.objects.count() == 1
    assert re.fullmatch(r"[0-9a-f]{64}", key)
    assert keys.identify(key) == keys.Caller(user=None)
    assert keys.Caller(user=None).is_guest


@pytest.mark.parametrize("switch", ["enabled", "api_enabled"])
def test_guests_are_shut_out_by_either_switch_and_members_are_not(alice: User, switch: str) -> None:
    key, (_, secret) = keys.guest_access().key, keys.create(alice, name="key")
    GuestAccess.objects.update(**{switch: False})

    with pytest.raises(GuestsRefused):
        keys.identify(key)
    assert keys.identify(secret).user == alice
    # A wrong key learns nothing of whether guests are let in.
    with pytest.raises(InvalidKey):
        keys.identify("wrong")
