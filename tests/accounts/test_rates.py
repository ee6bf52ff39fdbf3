"""Requests a minute: counted to the one, however many come at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import keys, quotas, rates
from accounts.errors import RateLimited
from accounts.keys import Caller
from accounts.models import ApiKey, Plan, Usage, User
from tests.databases import at_once, each_database, file_database, migrated_postgres, postgres

__all__ = ["each_database", "file_database", "migrated_postgres", "postgres"]

pytestmark = pytest.mark.django_db


def a_key(user: User | None = None, kind: str = "live") -> ApiKey:
    return keys.create(user or User.objects.create_user("alice"), name="key", kind=kind)[0]


def test_as_many_as_the_limit_are_admitted_and_no_more() -> None:
    key = a_key()
    entries = [rates.count_request(key, 3) for _ in range(5)]

    assert [window.admitted for window in entries] == [True, True, True, False, False]
    assert [window.remaining for window in entries] == [2, 1, 0, 0, 0]
    assert {window.limit for window in entries} == {3}
    # One minute for all of them, which begins with the first.
    assert len({window.ends_at for window in entries}) == 1
    entries[2].refuse_if_spent()
    with pytest.raises(RateLimited) as refused:
        entries[3].refuse_if_spent()
    assert 1 <= refused.value.seconds <= 60


def test_a_new_minute_begins_with_the_first_request_after_the_last() -> None:
    key = a_key()
    rates.count_request(key, 1)
    assert not rates.count_request(key, 1).admitted

    ApiKey.objects.update(window_start=timezone.now() - timedelta(seconds=61))
    window = rates.count_request(key, 1)

    assert window.admitted
    assert window.ends_at > timezone.now() + timedelta(seconds=30)
    assert not rates.count_request(key, 1).admitted


def test_more_keys_are_no_more_requests() -> None:
    first = a_key()
    second = a_key(first.user)

    assert rates.count_request(second, 1).admitted
    assert not rates.count_request(first, 1).admitted
    keys.revoke(first)
    assert not rates.count_request(second, 1).admitted


def test_live_and_test_keys_and_other_accounts_have_minutes_of_their_own() -> None:
    key = a_key()
    assert rates.count_request(key, 1).admitted

    assert rates.count_request(a_key(key.user, "test"), 1).admitted
    assert rates.count_request(a_key(User.objects.create_user("bob")), 1).admitted


def test_a_limit_of_none_admits_nobody() -> None:
    key = a_key()

    assert not rates.count_request(key, 0).admitted
    assert rates.count_request(key, 0).seconds <= 60


def test_the_plan_says_how_many_by_the_kind_of_the_key() -> None:
    user = User.objects.create_user(
        "alice",
        plan=Plan.objects.create(
            name="Odd", live_requests_per_minute=7, test_requests_per_minute=2
        ),
    )

    assert rates.limit_of(Caller(user, a_key(user))) == 7
    assert rates.limit_of(Caller(user, a_key(user, "test"))) == 2
    assert rates.limit_of(Caller(user=None)) == 0


def test_the_limits_of_the_first_plan_are_the_documented_ones() -> None:
    user = User.objects.create_user("alice")

    assert rates.limit_of(Caller(user, a_key(user))) == 100
    assert rates.limit_of(Caller(user, a_key(user, "test"))) == 10


def test_twenty_threads_at_once_never_get_beyond_the_limit(each_database: None) -> None:
    key = a_key()

    values = at_once(20, lambda: sum(rates.count_request(key, 50).admitted for _ in range(5)))

    assert sum(values) == 50
    assert ApiKey.objects.get().window_count == 50


def test_images_are_counted_to_the_one_by_twenty_threads_at_once(each_database: None) -> None:
    user = User.objects.create_user("alice")

    at_once(20, lambda: [quotas.count_images(user, number) for number in (1, 2, 1)])

    assert quotas.images_this_month(user) == 80
    assert Usage.objects.get().count == 80


def test_the_month_is_summed_up_without_the_last_one_and_without_other_counts() -> None:
    user, other = User.objects.create_user("alice"), User.objects.create_user("bob")
    first = timezone.now().date().replace(day=1)
    Usage.objects.create(user=user, day=first - timedelta(days=1), metric="images", count=100)
    Usage.objects.create(user=user, day=first, metric="compressions", count=50)
    Usage.objects.create(user=other, day=first, metric="images", count=7)

    assert quotas.images_this_month(user) == 0
    quotas.count_images(user, 2)
    quotas.count_images(user, 1)
    assert quotas.images_this_month(user) == 3


def test_who_never_had_a_test_key_gets_one_that_works_once() -> None:
    user = User.objects.create_user("alice")
    a_key(user, "live")

    secret = keys.first_test_key(user)

    assert keys.identify(secret).user == user
    assert keys.identify(secret).is_test
    assert keys.first_test_key(user) == ""
    # Revoked by its owner: they make the next one themselves.
    keys.revoke(ApiKey.objects.get(kind="test"))
    assert keys.first_test_key(user) == ""


def test_looking_twice_at_once_makes_one_test_key(each_database: None) -> None:
    user = User.objects.create_user("alice")

    values = at_once(8, lambda: keys.first_test_key(user))

    assert len([secret for secret in values if secret]) == 1
    assert ApiKey.objects.count() == 1
