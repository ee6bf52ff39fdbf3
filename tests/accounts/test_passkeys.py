"""Passkeys: signing in by one alone, after the password, and before a change; and what none opens."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from fido2.webauthn import AuthenticatorData

from accounts import second_factors
from accounts.models import AccountEvent, User
from tests.accounts.conftest import PASSWORD, let_time_pass, sign_in, signed_in_as
from tests.authenticator import Device

pytestmark = pytest.mark.django_db

ADD = "/account/2fa/webauthn/add/"
ALONE = "/account/2fa/webauthn/login/"
AFTER = "/account/2fa/authenticate/"
AGAIN = "/account/2fa/webauthn/reauthenticate/"
FLAG = AuthenticatorData.FLAG


def browser() -> Client:
    """One that shows the site by a name for which browsers have passkeys."""
    return Client(headers={"host": "localhost"})


def asked(page: Any) -> Any:
    """What the page has for navigator.credentials."""
    found = re.search(
        r'<script id="js_data" type="application/json">(.*?)</script>', page.text, re.S
    )
    assert found
    return next(iter(json.loads(found[1]).values()))


def add(client: Client, device: Device, *, name: str = "Phone", alone: bool = True) -> Any:
    credential = json.dumps(device.create(asked(client.get(ADD)), alone=alone))
    form = {"name": name, "credential": credential, **({"passwordless": "on"} if alone else {})}
    return client.post(ADD, form)


def open_alone(client: Client, device: Device, **values: str) -> Any:
    options = client.get(ALONE, headers={"accept": "application/json"}).json()["request_options"]
    return client.post(ALONE, {"credential": json.dumps(device.get(options)), **values})


@pytest.fixture
def alice(alice: User) -> User:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    return alice


@pytest.fixture
def phone(alice: User) -> Device:
    """Alice's, with a passkey for her account."""
    client, device = browser(), Device()
    sign_in(client, "alice")
    assert add(client, device)["Location"] == "/account/2fa/recovery-codes/"
    return device


def test_a_passkey_signs_in_without_name_and_password(phone: Device) -> None:
    client = browser()
    answer = open_alone(client, phone, next="/dashboard")
    assert answer["Location"] == "/dashboard"
    assert signed_in_as(client) == "alice"


def test_the_sign_in_page_offers_it(phone: Device) -> None:
    page = browser().get("/account/login/").text
    assert "Sign in with a passkey" in page
    assert "<script>" not in page


def test_after_the_password_a_passkey_is_asked_for(phone: Device) -> None:
    client = browser()
    answer = client.post("/account/login/", {"login": "alice", "password": PASSWORD})
    assert answer["Location"].startswith(AFTER)
    assert signed_in_as(client) is None
    options = asked(client.get(AFTER))
    client.post(AFTER, {"credential": json.dumps(phone.get(options))})
    assert signed_in_as(client) == "alice"


def test_a_passkey_is_as_good_as_the_password_before_a_change(phone: Device) -> None:
    client = browser()
    open_alone(client, phone)
    let_time_pass(client)
    asking = client.get(ADD)["Location"]
    assert AGAIN in client.get(asking).text
    options = asked(client.get(AGAIN))
    client.post(AGAIN, {"credential": json.dumps(phone.get(options))})
    assert client.get(ADD).status_code == 200


def test_adding_one_takes_the_password_given_lately(alice: User) -> None:
    client = browser()
    sign_in(client, "alice")
    let_time_pass(client)
    assert client.get(ADD)["Location"].startswith("/account/reauthenticate/")
    assert client.post(ADD, {"credential": "{}"})["Location"].startswith("/account/reauthenticate/")
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"key": Device().key},
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": FLAG.UP},
        {"user": ""},
        {"user": "MjM0NTY3"},
        {"id": b"another credential"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_passkey_that_is_not_the_accounts_opens_nothing(
    phone: Device, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(phone, name, value)
    client = browser()
    assert open_alone(client, phone)["Location"] == "/account/login/"
    assert signed_in_as(client) is None


def test_an_answer_opens_once(phone: Device) -> None:
    client = browser()
    options = client.get(ALONE, headers={"accept": "application/json"}).json()["request_options"]
    credential = {"credential": json.dumps(phone.get(options))}
    client.post(ALONE, credential)
    for thief in (browser(), client):
        thief.post("/account/logout/")
        thief.post(ALONE, credential)
        assert signed_in_as(thief) is None


@pytest.mark.parametrize(
    "credential",
    ["", "{", "[]", "1", '"x"', "null", "{}", '{"response": 1}', '{"response": {"userHandle": 7}}',
     '{"id": "x", "rawId": [], "response": {}, "type": "public-key"}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AA","signature":"AA","userHandle":"AA"}}',
     "[" * 3000],
)  # fmt: skip
def test_what_is_no_passkey_is_refused(phone: Device, credential: str) -> None:
    client = browser()
    client.get(ALONE, headers={"accept": "application/json"})
    assert client.post(ALONE, {"credential": credential})["Location"] == "/account/login/"
    sign_in(client, "alice")
    client.get(AFTER)
    assert client.post(AFTER, {"credential": credential}).status_code == 200
    assert signed_in_as(client) is None


def test_a_banned_member_does_not_get_in_by_a_passkey(phone: Device) -> None:
    User.objects.update(is_active=False)
    client = browser()
    open_alone(client, phone)
    assert signed_in_as(client) is None


def test_a_passkey_counts_as_the_second_factor_of_staff(settings: Any, boss: User) -> None:
    settings.STAFF_TWO_FACTOR = True
    client, device = browser(), Device()
    sign_in(client, "boss")
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == "/account/2fa/"
    add(client, device)
    assert client.get("/admin/").status_code == 200
    other = browser()
    open_alone(other, device)
    assert other.get("/admin/").status_code == 200


def test_what_happens_to_passkeys_is_logged_and_mailed(
    phone: Device, alice: User, mailoutbox: list[Any]
) -> None:
    client = browser()
    open_alone(client, phone)
    passkey = Authenticator.objects.get(type="webauthn")
    sign_in(thief := browser(), "alice")
    thief.get(AFTER)
    thief.post(AFTER, {"credential": json.dumps(Device().get({"publicKey": {"challenge": "AA"}}))})
    client.post(f"/account/2fa/webauthn/keys/{passkey.pk}/remove/")
    kinds = AccountEvent.objects.filter(user=alice).values_list("kind", flat=True)
    assert {"factor_added", "signed_in", "factor_failed", "factor_removed"} <= set(kinds)
    by_passkey = AccountEvent.objects.filter(user=alice, kind="signed_in").first()
    assert by_passkey is not None
    assert by_passkey.detail.endswith("Phone")
    assert len([mail for mail in mailoutbox if mail.to == [alice.email]]) >= 2


def test_passkeys_are_listed_renamed_and_removed_by_their_owner_alone(phone: Device) -> None:
    client = browser()
    open_alone(client, phone)
    path = f"/account/2fa/webauthn/keys/{Authenticator.objects.get(type='webauthn').pk}"
    assert "Phone" in client.get("/account/2fa/webauthn/").text
    assert "Phone" in client.get("/settings/security").text
    client.post(f"{path}/edit/", {"name": "  My \n phone " + "x" * 100})
    name = Authenticator.objects.get(type="webauthn").wrap().name
    assert name.startswith("My phone x")
    assert len(name) == 60
    User.objects.create_user("bob", password=PASSWORD)
    bob = browser()
    sign_in(bob, "bob")
    assert bob.get(f"{path}/edit/").status_code == 404
    assert bob.post(f"{path}/remove/").status_code == 404
    client.post(f"{path}/remove/")
    # With the last one, the codes that stand in for it go.
    assert not Authenticator.objects.exists()


def reset(alice: User, mails: list[Any]) -> Client:
    """Set a new password by the mailed link."""
    client = browser()
    client.post("/account/password/reset/", {"email": alice.email})
    link = re.search(r"http://testserver(\S+)", mails[-1].body)
    assert link
    form = client.get(link[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    return client


NEW = "another long password of hers"


def test_a_hijackers_passkey_ends_when_the_account_is_taken_back(
    phone: Device, alice: User, mailoutbox: list[Any]
) -> None:
    owner = reset(alice, mailoutbox)
    hijacker = browser()
    open_alone(hijacker, phone)
    assert signed_in_as(hijacker) is None
    assert not Authenticator.objects.exists()
    sign_in(owner, "alice", NEW)
    assert signed_in_as(owner) == "alice"
    assert any("Second factors that were added" in mail.body for mail in mailoutbox)


def test_a_stolen_mailbox_does_not_undo_a_passkey_of_long_standing(
    phone: Device, alice: User, mailoutbox: list[Any]
) -> None:
    old = timezone.now() - second_factors.RECENT - timedelta(hours=1)
    Authenticator.objects.update(created_at=old)
    thief = reset(alice, mailoutbox)
    answer = thief.post("/account/login/", {"login": "alice", "password": NEW})
    assert answer["Location"].startswith(AFTER)
    assert signed_in_as(thief) is None

    # And if it was a hijacker's: alone it opens nothing any more.
    alone = browser()
    open_alone(alone, phone)
    assert signed_in_as(alone) is None
    owner = browser()
    sign_in(owner, "alice", NEW)
    owner.post(AFTER, {"credential": json.dumps(phone.get(asked(owner.get(AFTER))))})
    assert signed_in_as(owner) == "alice"
    assert "After the password only" in owner.get("/account/2fa/webauthn/").text


def test_a_second_factor_only_is_no_way_in_alone(alice: User) -> None:
    client, key = browser(), Device()
    sign_in(client, "alice")
    add(client, key, alone=False)
    assert "After the password only" in client.get("/account/2fa/webauthn/").text
    refuses_alone(key)


def test_what_its_owner_chose_counts_and_not_what_the_device_made_of_it(alice: User) -> None:
    client, phone = browser(), Device()
    sign_in(client, "alice")
    # Phones keep every passkey so that it can be found without a name.
    credential = json.dumps(phone.create(asked(client.get(ADD)), alone=True))
    client.post(ADD, {"name": "Phone", "credential": credential})
    assert "After the password only" in client.get("/account/2fa/webauthn/").text
    refuses_alone(phone)


def refuses_alone(device: Device) -> None:
    client = browser()
    answer = open_alone(client, device)
    assert answer["Location"] == "/account/login/"
    assert signed_in_as(client) is None
    assert "needs your password too" in client.get("/account/login/").text


def test_a_challenge_that_wants_no_fingerprint_opens_nothing_alone(
    phone: Device, boss: User
) -> None:
    # Who found Alice's key, but not its PIN, begins as somebody else and waits until that is forgotten.
    thief, own = browser(), Device()
    sign_in(thief, "boss")
    add(thief, own)
    thief.post("/account/logout/")
    sign_in(thief, "boss")
    options = asked(thief.get(AFTER))
    assert options["publicKey"]["userVerification"] != "required"
    session = thief.session
    session["account_login"]["initiated_at"] -= 3600
    session.save()
    phone.flags = FLAG.UP
    thief.post(ALONE, {"credential": json.dumps(phone.get(options))})
    assert signed_in_as(thief) is None
