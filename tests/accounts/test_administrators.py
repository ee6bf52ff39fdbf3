"""The administrator of the first start."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import authenticate

from accounts.administrators import ensure_administrator
from accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_first_start_makes_an_administrator_with_a_password_shown_once() -> None:
    made = ensure_administrator()

    assert made is not None
    name, password = made
    assert len(password) >= 16
    user = authenticate(username=name, password=password)
    assert isinstance(user, User)
    assert user.is_staff
    assert user.is_superuser


def test_a_second_start_makes_and_prints_nothing() -> None:
    ensure_administrator()
    kept = User.objects.values().get()

    assert ensure_administrator() is None
    assert User.objects.values().get() == kept


def test_the_environment_may_name_the_administrator_and_the_password(settings: Any) -> None:
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "keeper", "a password of the operator's"

    assert ensure_administrator() == ("keeper", "a password of the operator's")
    assert authenticate(username="keeper", password="a password of the operator's")


def test_no_two_sites_get_the_same_password() -> None:
    first = ensure_administrator()
    User.objects.all().delete()

    assert first != ensure_administrator()


def test_an_account_of_that_name_that_was_there_becomes_the_administrator() -> None:
    User.objects.create_user("admin", storage_used=5)

    made = ensure_administrator()

    assert made is not None
    user = User.objects.get()
    assert user.is_superuser
    assert user.storage_used == 5
    assert user.check_password(made[1])


def test_an_administrator_shut_out_by_hand_is_not_replaced_behind_the_operators_back() -> None:
    User.objects.create_superuser("boss", is_active=False)

    assert ensure_administrator() is None
