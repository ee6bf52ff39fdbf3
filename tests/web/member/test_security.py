"""The page of who gets into the account, and the log behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import events, keys
from accounts.models import AccountEvent, ApiKey, User
from tests.factories import PASSWORD, UserFactory

PAGE = "/settings/security"


@pytest.fixture
def browser(member: User) -> Client:
    """A browser with an address and a name, in which the member has signed in by the form."""
    client = Client(REMOTE_ADDR="203.0.113.7", headers={"User-Agent": "Firefox of hers"})
    client.post("/account/login/", {"login": member.username, "password": PASSWORD})
    return client


def kinds(user: User) -> list[str]:
    return list(AccountEvent.objects.filter(user=user).values_list("kind", flat=True))


def test_the_page_lists_sessions_keys_and_events_with_address_and_browser(
    browser: Client, member: User
) -> None:
    _, secret = keys.create(member, name="Phone")
    keys.identify(secret, "198.51.100.9")
    text = browser.get(PAGE).content.decode()
    assert text.count("203.0.113.7") == 2
    assert text.count("Firefox of hers") == 2
    assert "This browser" in text
    assert "Signed in" in text
    assert "from 198.51.100.9" in text


def test_another_members_events_are_not_there(browser: Client) -> None:
    events.record(UserFactory(), AccountEvent.Kind.KEY_MADE, None, "somebody else's")
    assert "somebody else" not in browser.get(PAGE).content.decode()


def test_a_guest_has_no_such_page(client: Client) -> None:
    assert client.get(PAGE)["Location"].startswith("/account/login/")


def test_what_is_done_with_the_account_is_logged(browser: Client, member: User) -> None:
    browser.post("/account/email/", {"email": "second@example.org", "action_add": ""})
    browser.post("/settings/keys", {"name": "Camera", "kind": "live"})
    browser.post(f"/settings/keys/{ApiKey.objects.get().pk}/revoke")
    new = "another long password"
    change = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    browser.post("/account/password/change/", change)
    browser.post("/account/logout/")
    assert kinds(member) == [
        "signed_out", "password_changed", "key_revoked", "key_made", "email_added", "signed_in"
    ]  # fmt: skip
    logged = AccountEvent.objects.get(kind="key_made")
    assert (logged.ip, logged.user_agent) == ("203.0.113.7", "Firefox of hers")
    assert "Camera" in logged.detail
    assert AccountEvent.objects.get(kind="email_added").detail == "second@example.org"


def test_the_second_factor_is_logged(browser: Client, member: User) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    TOTP.activate(member, generate_totp_secret())
    cache.clear()
    browser.post("/account/2fa/totp/deactivate/")
    assert kinds(member)[0] == "factor_removed"


def wrong_password(member: User, address: str) -> None:
    Client(REMOTE_ADDR=address).post(
        "/account/login/", {"login": member.email, "password": "guessed"}
    )


def test_wrong_passwords_are_on_the_page_with_address_and_number(
    browser: Client, member: User
) -> None:
    for _ in range(9):
        wrong_password(member, "198.51.100.9")
    row = AccountEvent.objects.get(kind="sign_in_failed")
    assert (row.ip, row.count) == ("198.51.100.9", 9)
    text = browser.get(PAGE).content.decode()
    assert "Wrong password" in text
    assert "9 times within an hour" in text


def test_wrong_passwords_of_the_next_hour_are_another_row(member: User) -> None:
    wrong_password(member, "198.51.100.9")
    AccountEvent.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    wrong_password(member, "198.51.100.9")
    assert kinds(member) == ["sign_in_failed"] * 2


def test_wrong_passwords_from_everywhere_do_not_fill_the_log(browser: Client, member: User) -> None:
    for number in range(100):
        wrong_password(member, f"198.51.100.{number}")
    rows = AccountEvent.objects.filter(kind="sign_in_failed")
    assert rows.count() == events.MOST_ROWS + 1
    assert sum(rows.values_list("count", flat=True)) == 100
    assert "from other addresses" in browser.get(PAGE).content.decode()


def test_days_of_wrong_passwords_push_nothing_else_off_the_page(
    browser: Client, member: User
) -> None:
    events.record(member, AccountEvent.Kind.KEY_MADE, None, "the hijacker's key.")
    for hour in range(48):
        for number in range(25):
            stranger = RequestFactory(REMOTE_ADDR=f"198.51.{hour}.{number}").get("/")
            events.record_failure(member, AccountEvent.Kind.SIGN_IN_FAILED, stranger)
        AccountEvent.objects.update(created_at=F("created_at") - timedelta(hours=1))
    rows = AccountEvent.objects.filter(kind="sign_in_failed")
    assert sum(rows.values_list("count", flat=True)) == 48 * 25
    assert "the hijacker&#x27;s key." in browser.get(PAGE).content.decode()


def test_a_wrong_name_leaves_no_row(db: None) -> None:
    Client().post("/account/login/", {"login": "nobody", "password": "guessed"})
    assert not AccountEvent.objects.exists()


def test_a_wrong_code_is_logged(browser: Client, member: User) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(member, generate_totp_secret())
    other = Client()
    other.post("/account/login/", {"login": member.username, "password": PASSWORD})
    other.post("/account/2fa/authenticate/", {"code": "000000"})
    browser.post("/account/2fa/reauthenticate/", {"code": "000000"})
    assert kinds(member)[0] == "factor_failed"
    assert (
        sum(AccountEvent.objects.filter(kind="factor_failed").values_list("count", flat=True)) == 2
    )


def test_failures_leave_the_log_after_a_month(member: User) -> None:
    for kind in ("sign_in_failed", "signed_in"):
        events.record(member, kind, None)
    AccountEvent.objects.update(created_at=timezone.now() - timedelta(days=31))
    events.delete_old()
    assert kinds(member) == ["signed_in"]


def test_a_long_log_goes_on_over_the_page(browser: Client, member: User) -> None:
    for number in range(60):
        events.record(member, AccountEvent.Kind.KEY_MADE, None, f"key number {number}.")
    first, second = (browser.get(PAGE, {"page": page}).content.decode() for page in (1, 2))
    assert ("number 59." in first, "number 0." in first) == (True, False)
    assert ("number 59." in second, "number 0." in second) == (False, True)
    assert browser.get(PAGE, {"page": "all"}).status_code == 200


def test_nobody_edits_the_log_not_even_in_the_administration(member: User) -> None:
    event = events.record(member, AccountEvent.Kind.KEY_MADE, None)
    office = Client()
    office.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = f"/admin/accounts/accountevent/{event.pk}/"
    assert office.get(f"{page}change/").status_code == 200
    assert office.post(f"{page}change/", {"detail": "nothing"}).status_code == 403
    assert office.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert office.get("/admin/accounts/accountevent/add/").status_code == 403


def test_events_leave_the_log_after_a_year(member: User) -> None:
    old = events.record(member, AccountEvent.Kind.SIGNED_IN, None)
    AccountEvent.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=366))
    kept = events.record(member, AccountEvent.Kind.SIGNED_IN, None)
    assert events.delete_old() == 1
    assert list(AccountEvent.objects.all()) == [kept]
