"""Work by the minute, hour, day, week and month: counted to the one, to accounts, addresses and all guests."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F

from accounts import counting, keys, rates
from accounts.client_ip import network_of
from accounts.errors import TooMuchWork
from accounts.keys import Caller
from accounts.models import GuestAccess, Plan, User, WorkCount
from hosting.errors import HostingError
from hosting.files import resumable
from tests.databases import at_once, each_database, file_database, migrated_postgres, postgres

__all__ = ["each_database", "file_database", "migrated_postgres", "postgres"]

pytestmark = pytest.mark.django_db

HERE, THERE = "192.0.2.1", "192.0.2.2"


def guests_may(**limits: int | None) -> None:
    """The only limits of guests."""
    none = {f"uploads_per_{name}": None for name in counting.SPANS}
    keys.guest_access()
    GuestAccess.objects.update(**{**none, "total_per_hour": None, "total_per_day": None, **limits})


def admitted(user: User | None, address: str | None) -> bool:
    try:
        rates.count_work(Caller(user), address)
    except TooMuchWork:
        return False
    return True


def later(span: timedelta) -> None:
    """So much time passes for every count."""
    starts = {f"{name}_start": F(f"{name}_start") - span for name in counting.SPANS}
    WorkCount.objects.update(**starts)


def test_the_defaults_are_the_documented_ones() -> None:
    guests, plan = keys.guest_access(), Plan.default()

    def three(row: Any) -> tuple[int, int, int]:
        return row.uploads_per_minute, row.uploads_per_hour, row.uploads_per_day

    assert three(guests) == (30, 200, 500)
    assert three(plan) == (600, 5000, 20_000)


@pytest.mark.parametrize("span", counting.SPANS)
def test_each_span_holds_and_says_when_it_ends(span: str) -> None:
    guests_may(**{f"uploads_per_{span}": 2})
    assert [admitted(None, HERE) for _ in range(3)] == [True, True, False]

    with pytest.raises(TooMuchWork) as refused:
        rates.count_work(Caller(None), HERE)
    whole = counting.SPANS[span].total_seconds()
    assert whole - 60 <= refused.value.seconds <= whole
    assert refused.value.limit == 2
    assert rates.SAID[span] in refused.value.message

    later(counting.SPANS[span] - timedelta(seconds=30))
    assert not admitted(None, HERE)
    later(timedelta(seconds=31))
    assert [admitted(None, HERE) for _ in range(3)] == [True, True, False]


def test_addresses_count_apart_and_an_ipv6_customer_is_one() -> None:
    guests_may(uploads_per_hour=1)

    assert admitted(None, HERE)
    assert admitted(None, THERE)
    assert admitted(None, "2001:db8:1:2::1")
    assert not admitted(None, "2001:db8:1:2:ffff::9")
    assert admitted(None, "2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of(HERE)


def test_all_guests_together_have_a_total_that_members_do_not_count_to() -> None:
    guests_may(total_per_day=3)
    user = User.objects.create_user("alice")
    assert admitted(user, HERE)

    senders = [f"192.0.2.{number}" for number in range(5)]
    assert [admitted(None, one) for one in senders] == [True, True, True, False, False]
    # What was refused for all counts for nobody.
    assert not WorkCount.objects.filter(subject="address 192.0.2.4").exists()
    assert admitted(user, HERE)


def test_one_address_alone_does_not_use_the_total_up() -> None:
    guests_may(uploads_per_hour=2, total_per_day=3)

    assert [admitted(None, HERE) for _ in range(50)] == [True, True, *[False] * 48]
    assert admitted(None, THERE)


def test_members_count_by_account_wherever_they_are() -> None:
    plan = Plan.objects.create(name="Small", uploads_per_minute=2)
    alice, bob = (User.objects.create_user(name, plan=plan) for name in ("alice", "bob"))

    assert [admitted(alice, one) for one in (HERE, THERE, HERE)] == [True, True, False]
    assert admitted(bob, HERE)


def test_what_an_administrator_writes_holds_at_once() -> None:
    guests_may(uploads_per_day=1)
    assert [admitted(None, HERE) for _ in range(2)] == [True, False]

    guests_may(uploads_per_day=3)
    assert [admitted(None, HERE) for _ in range(3)] == [True, True, False]
    guests_may()
    assert all(admitted(None, HERE) for _ in range(5))
    guests_may(uploads_per_hour=0)
    assert not admitted(None, HERE)
    assert not admitted(None, THERE)


def test_a_picture_of_many_pixels_counts_as_several_and_keeps_what_follows_waiting() -> None:
    guests_may(uploads_per_hour=10)

    rates.count_work(Caller(None), HERE)
    rates.charge_pixels(Caller(None), HERE, 49_000_000)
    assert WorkCount.objects.get(subject=f"address {HERE}").hour_count == 1
    # A thousand pixels square, three hundred times.
    rates.charge_pixels(Caller(None), HERE, 1000 * 1000 * 300)
    assert WorkCount.objects.get(subject=f"address {HERE}").hour_count == 6
    rates.charge_pixels(Caller(None), HERE, 500_000_000)
    assert not admitted(None, HERE)


def test_an_unmetered_account_has_no_limits_until_it_is_metered_again() -> None:
    user = User.objects.create_user(
        "alice", plan=Plan.objects.create(name="None", uploads_per_minute=0)
    )
    assert not admitted(user, HERE)

    call_command("set_account", "Alice", "--unmetered")
    assert admitted(User.objects.get(), HERE)
    assert rates.refuse_if_spent(Caller(User.objects.get()), HERE) is None
    call_command("set_account", "alice", "--no-unmetered")
    assert not admitted(User.objects.get(), HERE)


def test_the_check_before_the_work_returns_what_is_left_and_counts_nothing() -> None:
    guests_may(uploads_per_minute=5, uploads_per_day=2)

    first, again = (rates.refuse_if_spent(Caller(None), HERE) for _ in range(2))
    assert first is not None
    assert again is not None
    assert (first.limit, first.remaining) == (again.limit, again.remaining) == (2, 1)
    assert admitted(None, HERE)
    assert admitted(None, HERE)
    with pytest.raises(TooMuchWork):
        rates.refuse_if_spent(Caller(None), HERE)


def test_counts_that_are_over_are_forgotten_and_no_others() -> None:
    guests_may()
    assert admitted(None, HERE)
    later(timedelta(days=29))
    assert counting.forget_old() == 0
    later(timedelta(days=2))
    assert admitted(None, THERE)
    assert counting.forget_old() == 1
    assert "192.0.2.2" in {row.subject.split()[-1] for row in WorkCount.objects.all()}


def test_a_members_piece_of_work_is_one_query(django_assert_max_num_queries: Any) -> None:
    user = User.objects.create_user("alice", plan=Plan.default())
    rates.count_work(Caller(user), HERE)

    with django_assert_max_num_queries(3):  # with the two that hold a savepoint in a test
        rates.count_work(Caller(user), HERE)


def test_twenty_threads_at_once_never_get_beyond_the_limit(each_database: None) -> None:
    guests_may(uploads_per_hour=50)

    counts = at_once(20, lambda: sum(admitted(None, HERE) for _ in range(5)))

    assert sum(counts) == 50
    assert WorkCount.objects.get(subject=f"address {HERE}").hour_count == 50
    assert WorkCount.objects.get(subject=rates.GUESTS).hour_count == 50


def test_many_addresses_at_once_never_get_beyond_the_total_and_wait_for_one_another(
    each_database: None,
) -> None:
    guests_may(uploads_per_hour=40, total_per_hour=60)
    senders = itertools.count(1)

    def send() -> int:
        # Four addresses of five threads each: their rows and that of all guests are written by many at once.
        address = f"192.0.2.{next(senders) % 4}"
        counts = 0
        for _ in range(5):
            counts += admitted(None, address)
            rates.charge_pixels(Caller(None), address, 1)
        return counts

    assert sum(at_once(20, send)) == 60
    assert WorkCount.objects.get(subject=rates.GUESTS).hour_count == 60
    own = WorkCount.objects.filter(subject__startswith="address ")
    assert sum(own.values_list("hour_count", flat=True)) == 60


def test_members_and_guests_at_once_are_each_counted_to_their_own_limit(
    each_database: None,
) -> None:
    plan = Plan.objects.create(name="Small", uploads_per_minute=17, uploads_per_day=13)
    users = [User.objects.create_user(f"member{number}", plan=plan) for number in range(3)]
    guests_may(uploads_per_minute=11)
    turns = itertools.count()

    def send() -> tuple[int, int]:
        who = next(turns) % 4
        caller = users[who] if who < 3 else None
        return who, sum(admitted(caller, HERE) for _ in range(5))

    found = at_once(20, send)
    assert [sum(number for who, number in found if who == one) for one in range(4)] == [
        13,
        13,
        13,
        11,
    ]


def test_uploads_in_pieces_begun_at_once_by_one_address_are_as_many_as_it_may(
    each_database: None, settings: Any
) -> None:
    settings.MAX_PARTIAL_UPLOADS = 7
    guests_may(uploads_per_hour=50)

    def begin() -> int:
        begun = 0
        for _ in range(2):
            try:
                resumable.create(Caller(None), length=100, metadata={}, ip=HERE)
            except HostingError:
                continue
            begun += 1
        return begun

    assert sum(at_once(12, begin)) == 7
    assert WorkCount.objects.get(subject=rates.GUESTS).hour_count == 7


def test_a_span_that_ends_while_many_come_begins_once(each_database: None) -> None:
    guests_may(uploads_per_hour=30)
    assert admitted(None, HERE)
    later(timedelta(hours=2))

    assert sum(at_once(20, lambda: sum(admitted(None, HERE) for _ in range(3)))) == 30
