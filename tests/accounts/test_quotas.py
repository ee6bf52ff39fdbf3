"""What an account may use, and that no number of requests at once gets more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from accounts import quotas
from accounts.errors import StorageFull
from accounts.models import Plan, User
from tests.databases import each_database, file_database, migrated_postgres, postgres

__all__ = ["each_database", "file_database", "migrated_postgres", "postgres"]


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice")


def used(user: User) -> int:
    return User.objects.values_list("storage_used", flat=True).get(pk=user.pk)


def test_a_new_account_has_the_default_plans_limits(alice: User) -> None:
    allowed = quotas.allowance(alice)

    mib = 1024 * 1024
    assert (allowed.storage, allowed.file, allowed.daily_compressions) == (500 * mib, 50 * mib, 100)


def test_what_an_administrator_writes_into_the_plan_holds_at_once(alice: User) -> None:
    Plan.objects.update(storage_limit=10, file_limit=5, daily_compressions=2)

    assert quotas.allowance(alice) == quotas.Allowance(10, 5, 2)


def test_an_accounts_own_limits_stand_above_its_plans_even_when_they_are_nothing(
    alice: User,
) -> None:
    alice.plan = Plan.objects.create(name="Large", storage_limit=10**12, daily_compressions=10**6)
    assert quotas.allowance(alice).storage == 10**12

    alice.own_storage_limit, alice.own_daily_compressions = 0, 0
    allowed = quotas.allowance(alice)
    assert (allowed.storage, allowed.daily_compressions) == (0, 0)


def test_storage_is_used_to_the_last_byte_and_not_beyond(alice: User) -> None:
    alice.own_storage_limit = 100

    quotas.charge(alice, 60)
    quotas.charge(alice, 40)
    with pytest.raises(StorageFull):
        quotas.charge(alice, 1)

    assert used(alice) == 100


def test_a_refused_charge_leaves_the_count_as_it_was(alice: User) -> None:
    alice.own_storage_limit = 100
    quotas.charge(alice, 60)

    with pytest.raises(StorageFull) as refused:
        quotas.charge(alice, 41)

    assert used(alice) == 60
    assert refused.value.code == "storage_full"


def test_a_file_larger_than_the_whole_limit_is_refused(alice: User) -> None:
    alice.own_storage_limit = 10

    with pytest.raises(StorageFull):
        quotas.charge(alice, 10**15)
    with pytest.raises(StorageFull):
        quotas.refuse_if_full(alice, 11)
    quotas.refuse_if_full(alice, 10)


def test_a_limit_made_smaller_than_what_is_there_takes_nothing_new_and_nothing_away(
    alice: User,
) -> None:
    quotas.charge(alice, 100)
    alice.refresh_from_db()
    alice.own_storage_limit = 50

    with pytest.raises(StorageFull):
        quotas.charge(alice, 1)
    with pytest.raises(StorageFull):
        quotas.refuse_if_full(alice, 1)

    assert used(alice) == 100


def test_room_given_back_can_be_used_again_and_never_falls_below_nothing(alice: User) -> None:
    alice.own_storage_limit = 100
    quotas.charge(alice, 100)

    quotas.give_back(alice.pk, 30)
    quotas.charge(alice, 30)
    assert used(alice) == 100

    quotas.give_back(alice.pk, 101)
    assert used(alice) == 0


def test_an_undone_transaction_gives_its_bytes_back(alice: User) -> None:
    def fail_after_the_charge() -> None:
        with transaction.atomic():
            quotas.charge(alice, 50)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_the_charge()

    assert used(alice) == 0


@pytest.mark.django_db
def test_there_is_one_default_plan_and_never_two() -> None:
    assert Plan.default().is_default

    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.create(name="Other", is_default=True)


@pytest.mark.django_db
def test_another_plan_takes_the_defaults_place() -> None:
    other = Plan.objects.create(name="Other")

    quotas.make_default(other)
    quotas.make_default(other)

    assert Plan.default() == other
    assert Plan.objects.filter(is_default=True).count() == 1


def test_a_plan_that_somebody_has_is_not_deleted(alice: User) -> None:
    plan = Plan.objects.create(name="Large")
    User.objects.update(plan=plan)

    with pytest.raises(ProtectedError):
        plan.delete()


def test_twenty_threads_that_charge_at_once_never_get_beyond_the_limit(each_database: None) -> None:
    threads, tries, size, limit = 20, 10, 7, 500
    user = User.objects.create_user("alice", own_storage_limit=limit)
    start = Barrier(threads)

    def charge_on() -> tuple[int, int]:
        charged, most = 0, 0
        try:
            start.wait()
            for _ in range(tries):
                try:
                    # As an upload does: in the transaction of the file's row.
                    with transaction.atomic():
                        quotas.charge(user, size)
                        most = max(most, used(user))
                except StorageFull:
                    continue
                charged += size
        finally:
            connection.close()
        return charged, most

    with ThreadPoolExecutor(threads) as pool:
        entries = [done.result() for done in [pool.submit(charge_on) for _ in range(threads)]]

    # 200 tries of 7 bytes into room for 71 of them: full, and counted to the byte.
    assert sum(charged for charged, _ in entries) == used(user) == limit // size * size
    assert max(most for _, most in entries) <= limit


def test_charging_and_giving_back_at_once_ends_at_the_exact_sum(each_database: None) -> None:
    threads, rounds = 20, 5
    user = User.objects.create_user("alice", own_storage_limit=10**6)
    start = Barrier(threads)

    def come_and_go(number: int) -> None:
        try:
            start.wait()
            for _ in range(rounds):
                quotas.charge(user, 100 + number)
                quotas.give_back(user.pk, 100)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(come_and_go, number) for number in range(threads)]:
            done.result()

    assert used(user) == rounds * sum(range(threads))
