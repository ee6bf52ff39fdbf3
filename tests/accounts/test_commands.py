"""`create_api_key` and `set_account`: what an operator types."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import keys, quotas
from accounts.models import ApiKey, User

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_the_key_stands_alone_on_standard_output_and_works() -> None:
    values = run("create_api_key", "alice")

    assert values.count("\n") == 1
    caller = keys.identify(values.strip())
    assert caller.user == User.objects.get(username="alice")
    assert not caller.is_test


def test_a_user_made_with_a_key_cannot_sign_in_until_given_a_password() -> None:
    run("create_api_key", "alice")

    user = User.objects.get()
    assert not user.has_usable_password()
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


def test_another_key_is_for_the_same_user_whatever_the_case() -> None:
    first, second = run("create_api_key", "alice"), run("create_api_key", "Alice")

    assert User.objects.count() == 1
    assert keys.identify(first.strip()).user == keys.identify(second.strip()).user


def test_a_test_key_and_a_name_can_be_asked_for() -> None:
    values = run("create_api_key", "alice", "--test", "--name", "phone")

    assert values.startswith("test_")
    assert (ApiKey.objects.get().name, ApiKey.objects.get().kind) == ("phone", "test")


@pytest.mark.parametrize("username", ["me", "admin"])
def test_an_operator_may_take_a_short_or_reserved_name(username: str) -> None:
    assert keys.identify(run("create_api_key", username).strip()).user is not None


@pytest.mark.parametrize("username", ["al ice", "al/ice", "алиса", "x" * 33, "", "-"])
def test_a_name_that_cannot_stand_in_an_address_makes_no_user(username: str) -> None:
    with pytest.raises(CommandError):
        run("create_api_key", username)

    assert not User.objects.exists()
    assert not ApiKey.objects.exists()


def test_a_closed_account_gets_no_key_that_would_not_work() -> None:
    User.objects.create_user("alice", is_active=False)

    with pytest.raises(CommandError, match="alice"):
        run("create_api_key", "alice")

    assert not ApiKey.objects.exists()


def test_a_name_too_long_for_a_list_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="60"):
        run("create_api_key", "alice", "--name", "x" * 61)

    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("option", "value", "field", "kept"),
    [
        ("--storage-limit", "1000", "own_storage_limit", 1000),
        ("--storage-limit", "0", "own_storage_limit", 0),
        ("--daily-compressions", "7", "own_daily_compressions", 7),
        ("--allowed-domain", "Example.ORG.", "allowed_domain", "example.org"),
        ("--allowed-domain", "", "allowed_domain", ""),
    ],
)
def test_an_account_is_given_limits_of_its_own(
    option: str, value: str, field: str, kept: Any
) -> None:
    User.objects.create_user("alice", allowed_domain="old.example.org")

    run("set_account", "ALICE", option, value)

    assert getattr(User.objects.get(), field) == kept


def test_what_is_not_named_stays_as_it_is() -> None:
    user = User.objects.create_user("alice", own_storage_limit=5, allowed_domain="example.org")

    run("set_account", "alice", "--daily-compressions", "3")

    user.refresh_from_db()
    assert (user.own_storage_limit, user.allowed_domain) == (5, "example.org")
    assert quotas.allowance(user).daily_compressions == 3


@pytest.mark.parametrize(
    "words",
    [
        ["alice"],
        ["nobody", "--storage-limit", "1"],
        ["alice", "--storage-limit", "-1"],
        ["alice", "--storage-limit", "1.5"],
        ["alice", "--storage-limit", "lots"],
        ["alice", "--storage-limit", "9223372036854775808"],
        ["alice", "--daily-compressions", "9999999999"],
        ["alice", "--allowed-domain", "http://example.org/"],
        ["alice", "--allowed-domain", "a b"],
        ["alice", "--allowed-domain", "example..org"],
        ["alice", "--allowed-domain", "x" * 254],
    ],
)
def test_what_cannot_be_a_limit_is_refused_in_words_and_changes_nothing(words: list[str]) -> None:
    user = User.objects.create_user("alice")

    with pytest.raises(CommandError):
        run("set_account", *words)

    user.refresh_from_db()
    assert (user.own_storage_limit, user.own_daily_compressions) == (None, None)
    assert user.allowed_domain == ""
