"""Signing up and in, forgotten passwords and the second factor, through the site's own pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import F
from django.test import Client

from accounts.adapter import AccountAdapter
from accounts.models import User
from tests.accounts.conftest import (
    PASSWORD,
    one_time_code,
    sign_in,
    signed_in_as,
    switch_on_second_factor,
)

pytestmark = pytest.mark.django_db

NEWCOMER = {
    "username": "newcomer",
    "email": "newcomer@example.org",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


LINK = re.compile(r"https?://\S+")


def sign_up(client: Client, **changes: str) -> Any:
    return client.post("/account/signup/", NEWCOMER | changes)


def test_a_newcomer_signs_up_and_is_in(client: Client) -> None:
    assert client.get("/account/signup/").status_code == 200
    assert sign_up(client).status_code == 302

    assert signed_in_as(client) == "newcomer"
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_nobody_becomes_staff_by_asking(client: Client) -> None:
    sign_up(client, is_staff="on", is_superuser="on", own_storage_limit="999999999999", plan="1")

    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.own_storage_limit) == (False, False, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "admin"}, "username"),
        ({"username": "ab"}, "username"),
        ({"username": "al/ice"}, "username"),
        ({"username": "ALICE"}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"password1": "12345678", "password2": "12345678"}, "password1"),
        ({"password2": "something else"}, "password2"),
        ({"username": ""}, "username"),
        ({"email": ""}, "email"),
    ],
)
def test_what_cannot_be_an_account_is_refused_at_its_field(
    client: Client, alice: User, changes: dict[str, str], field: str
) -> None:
    answer = sign_up(client, **changes)

    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert list(User.objects.all()) == [alice]


def test_signing_up_can_be_closed(client: Client, settings: Any) -> None:
    settings.SIGN_UP_OPEN = False

    client.get("/account/signup/")
    sign_up(client)

    assert not User.objects.exists()


def test_an_address_that_is_taken_is_not_given_away_nor_confirmed_twice(
    client: Client, alice: User, mailoutbox: list[Any]
) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)

    sign_up(client, email="alice@example.org")
    for mail in mailoutbox:
        for link in LINK.findall(mail.body):
            Client().post(link.removeprefix("http://testserver"))

    confirmed = EmailAddress.objects.filter(email__iexact="alice@example.org", verified=True)
    assert [address.user for address in confirmed] == [alice]
    client.post("/account/password/reset/", {"email": "alice@example.org"})
    assert "alice" in mailoutbox[-1].body
    assert "newcomer" not in mailoutbox[-1].body


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.org"])
def test_members_sign_in_by_name_or_mail_address(client: Client, alice: User, name: str) -> None:
    assert sign_in(client, name) == 302
    assert signed_in_as(client) == "alice"


@pytest.mark.parametrize(
    ("name", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("alice", ""), ("", PASSWORD)]
)
def test_wrong_names_and_passwords_are_refused(
    client: Client, alice: User, name: str, password: str
) -> None:
    assert sign_in(client, name, password) == 200
    assert signed_in_as(client) is None


def test_a_banned_member_does_not_get_in_and_is_thrown_out(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    User.objects.update(is_active=False)

    # The session that was open counts no more: the page of the account asks to sign in.
    assert client.get("/account/email/")["Location"].startswith("/account/login/")
    other = Client()
    sign_in(other, "alice")
    assert signed_in_as(other) is None


def test_guessing_a_password_is_stopped(client: Client, alice: User) -> None:
    for _ in range(5):
        sign_in(client, "alice", "wrong")

    sign_in(client, "alice")

    assert signed_in_as(client) is None


def test_signing_in_leads_back_to_this_site_only(client: Client, alice: User) -> None:
    query = "?next=https://elsewhere.example/"
    answer = client.post(f"/account/login/{query}", {"login": "alice", "password": PASSWORD})

    assert answer["Location"] == "/"


def test_signing_out_takes_a_click_and_not_a_link(client: Client, alice: User) -> None:
    sign_in(client, "alice")

    client.get("/account/logout/")
    assert signed_in_as(client) == "alice"

    client.post("/account/logout/")
    assert signed_in_as(client) is None


def link_in(mail: Any) -> str:
    found = re.search(r"http://testserver(\S+)", mail.body)
    assert found is not None
    return found[1]


def test_a_forgotten_password_is_set_anew_by_a_mailed_link_that_works_once(
    client: Client, alice: User, mailoutbox: list[Any]
) -> None:
    client.post("/account/password/reset/", {"email": "alice@example.org"})
    link = link_in(mailoutbox[0])
    form = client.get(link, follow=True)
    new = "another long password"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    assert sign_in(Client(), "alice") == 200
    assert sign_in(Client(), "alice", new) == 302
    assert Client().get(link, follow=True).context["token_fail"]


def test_asking_for_a_reset_does_not_reveal_who_has_an_account(
    client: Client, alice: User, mailoutbox: list[Any]
) -> None:
    known = client.post("/account/password/reset/", {"email": "alice@example.org"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_the_link_of_a_reset_is_ours_whatever_host_the_request_names(
    client: Client, alice: User, mailoutbox: list[Any]
) -> None:
    answer = client.post(
        "/account/password/reset/", {"email": "alice@example.org"}, HTTP_HOST="evil.example"
    )

    assert answer.status_code == 400
    assert not mailoutbox


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account/password/reset/", {"email": "alice@example.org"}),
        ("/account/password/reset/", {"email": "nobody@example.org"}),
        ("/account/signup/", NEWCOMER),
        ("/account/signup/", NEWCOMER | {"email": "alice@example.org"}),
    ],
    ids=["reset", "reset of nobody's", "sign-up", "sign-up with a taken address"],
)
def test_links_in_mails_lead_to_site_url_by_whatever_name_the_site_was_called(
    client: Client,
    alice: User,
    mailoutbox: list[Any],
    settings: Any,
    path: str,
    fields: dict[str, str],
) -> None:
    settings.SITE_URL, settings.SITE_NAME = "https://pictures.example.org", "Pictures"
    client.post(path, fields, headers={"host": "localhost"})
    (mail,) = mailoutbox
    links = LINK.findall(mail.body)
    assert links
    assert all(link.startswith("https://pictures.example.org/account/") for link in links)
    assert "localhost" not in mail.body + mail.subject


def test_signing_up_does_not_reveal_which_addresses_have_an_account(
    client: Client, alice: User
) -> None:
    taken = sign_up(client, email="alice@example.org")
    fresh = sign_up(Client(), username="another", email="nobody@example.org")
    assert (taken.status_code, taken["Location"]) == (fresh.status_code, fresh["Location"])
    # Its owner stays who signs in by it.
    sign_in(browser := Client(), "alice@example.org")
    assert signed_in_as(browser) == "alice"


def test_storage_counted_while_a_password_is_changed_is_kept(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, "alice")
    change = AccountAdapter.set_password

    def change_during_an_upload(*args: Any) -> None:
        User.objects.update(storage_used=F("storage_used") + 100)
        change(*args)

    monkeypatch.setattr(AccountAdapter, "set_password", change_during_an_upload)
    new = "another long password"
    client.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    alice.refresh_from_db()
    assert alice.check_password(new)
    assert alice.storage_used == 100


@pytest.fixture
def careful(alice: User) -> tuple[User, str]:
    """Alice with a second factor switched on, and its secret."""
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    client = Client()
    sign_in(client, "alice")
    return alice, switch_on_second_factor(client)


def test_a_second_factor_waits_for_the_address_only_where_mails_are_sent(
    client: Client, alice: User, settings: Any
) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=False, primary=True)
    sign_in(client, "alice")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert client.get("/account/2fa/totp/activate/").status_code == 200
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False
    assert client.get("/account/2fa/totp/activate/").status_code == 302


def test_with_a_second_factor_a_password_alone_opens_nothing(
    client: Client, careful: tuple[User, str]
) -> None:
    answer = client.post("/account/login/", {"login": "alice", "password": PASSWORD})

    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert signed_in_as(client) is None
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert signed_in_as(client) is None


def test_the_code_of_the_telephone_lets_in_and_only_once(
    client: Client, careful: tuple[User, str]
) -> None:
    code = one_time_code(careful[1])

    sign_in(client, "alice")
    client.post("/account/2fa/authenticate/", {"code": code})
    assert signed_in_as(client) == "alice"

    thief = Client()
    sign_in(thief, "alice")
    thief.post("/account/2fa/authenticate/", {"code": code})
    assert signed_in_as(thief) is None


def test_a_recovery_code_lets_in_who_lost_the_telephone_and_only_once(
    client: Client, careful: tuple[User, str]
) -> None:
    row = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    code = row.wrap().get_unused_codes()[0]

    for taken in ("alice", None):
        browser = Client()
        sign_in(browser, "alice")
        browser.post("/account/2fa/authenticate/", {"code": code})
        assert signed_in_as(browser) == taken


def test_no_field_says_its_label_again_inside(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    for path in ("email", "password/change", "2fa/totp/activate", "reauthenticate"):
        page = client.get(f"/account/{path}/").text.partition("<main")[2]
        assert "<input" in page
        assert "placeholder" not in page
    assert "placeholder" not in Client().get("/account/password/reset/").text.partition("<main")[2]


def test_who_has_set_a_new_password_is_led_to_sign_in(client: Client) -> None:
    page = client.get("/account/password/reset/key/done/").text.partition("<main")[2]
    assert 'href="/account/login/"' in page


def test_the_page_says_that_a_name_or_an_address_signs_in(client: Client) -> None:
    page = client.get("/account/login/").text
    assert re.search(r'<label for="id_login">\s*Username or email\s*</label>', page)
    assert "placeholder" not in re.findall(r'<input[^>]*name="login"[^>]*>', page)[0]
