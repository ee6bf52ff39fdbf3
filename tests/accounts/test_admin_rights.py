"""Administering what accounts stand on: plans, keys, guests' rights, usage."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys, quotas
from accounts.errors import InvalidKey
from accounts.models import GuestAccess, Plan, Usage, User
from tests.hosting.admin.pages import act, page_of, save

pytestmark = pytest.mark.django_db

PLANS, KEYS = (f"/admin/accounts/{noun}/" for noun in ("plan", "apikey"))


# --- Plans


def test_limits_are_edited_and_shown_for_people(office: Client) -> None:
    plan = Plan.objects.get()

    assert save(office, plan, storage_limit=3 * 1024**3).status_code == 302

    assert "3.0\xa0GB" in office.get(PLANS).content.decode()
    assert Plan.default().storage_limit == 3 * 1024**3


def test_there_is_always_exactly_one_default_plan(office: Client, alice: User) -> None:
    free, large = Plan.objects.get(), Plan.objects.create(name="Large", storage_limit=10**12)

    save(office, free, is_default="", name="Free of charge")
    assert Plan.default() == free
    office.post(page_of(free, "delete"), {"post": "yes"})
    act(office, "delete_selected", free, large, post="yes")
    assert Plan.objects.count() == 2

    act(office, "make_default", free, large)
    assert Plan.default() == free
    act(office, "make_default", large)
    assert Plan.default() == large
    assert Plan.objects.filter(is_default=True).count() == 1
    assert quotas.allowance(alice).storage == 10**12


def test_a_plan_in_use_is_not_deleted_and_the_page_says_who_has_it(
    office: Client, alice: User
) -> None:
    plan = Plan.objects.create(name="Large")
    User.objects.filter(pk=alice.pk).update(plan=plan)

    asking = office.get(page_of(plan, "delete"))
    assert "protected" in asking.content.decode()
    assert "alice" in asking.content.decode()
    office.post(page_of(plan, "delete"), {"post": "yes"})
    act(office, "delete_selected", plan, post="yes")

    assert Plan.objects.filter(pk=plan.pk).exists()


# --- Keys, guests, usage


def test_keys_are_revoked_but_neither_made_changed_nor_deleted_by_hand(
    office: Client, alice: User
) -> None:
    key, secret = keys.create(alice, name="phone")

    assert office.get(f"{KEYS}add/").status_code == 403
    assert office.post(page_of(key), {"name": "other"}).status_code == 403
    assert office.post(page_of(key, "delete"), {"post": "yes"}).status_code == 403
    html = office.get(KEYS).content.decode() + office.get(page_of(key)).content.decode()
    assert key.prefix in html
    assert key.digest not in html
    assert secret not in html
    assert "create_api_key" in html

    act(office, "revoke", key)
    with pytest.raises(InvalidKey):
        keys.identify(secret)


def test_keys_are_found_by_prefix_name_and_owner(office: Client, alice: User, boss: User) -> None:
    hers, _ = keys.create(alice, name="phone")
    keys.create(boss, name="script")

    for query in (hers.prefix, "phone", "alice"):
        assert list(office.get(f"{KEYS}?q={query}").context["cl"].result_list) == [hers]


def test_guests_rights_are_one_row_that_is_always_there(office: Client) -> None:
    opened = office.get("/admin/accounts/guestaccess/", follow=True)
    row = GuestAccess.objects.get()
    assert row.key in opened.content.decode()

    assert save(office, row, enabled="").status_code == 302
    row.refresh_from_db()
    assert not row.enabled
    assert office.get("/admin/accounts/guestaccess/add/").status_code == 403
    assert office.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403


def test_guests_rights_are_not_shown_to_staff_without_permission(helper: Client) -> None:
    assert helper.get("/admin/accounts/guestaccess/", follow=True).status_code == 403


def test_usage_is_for_looking_at(office: Client, alice: User) -> None:
    row = Usage.objects.create(
        user=alice, day=timezone.now().date(), metric="compressions", count=12
    )

    assert "compressions" in office.get("/admin/accounts/usage/").content.decode()
    assert office.get("/admin/accounts/usage/add/").status_code == 403
    assert office.post(page_of(row), {"count": 0}).status_code == 403
    assert office.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
