"""Three stories of an account in wrong hands, and how its owner gets everything back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from accounts import keys
from accounts.models import AccountEvent, ApiKey, User
from accounts.scopes import PRESETS, SCOPES
from hosting.models import Delivery, HostedFile, Webhook
from hosting.webhooks import outbox
from tests.factories import PASSWORD, HostedFileFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db

NEW = "another long password of hers"
HOOK = {"url": "https://192.0.2.1/", "events": ["file.created"]}
LONG_AGO = 60.0


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> None:
    cache.clear()


@pytest.fixture
def alice() -> User:
    user = UserFactory(username="alice")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def private(alice: User) -> HostedFile:
    return HostedFileFactory(owner=alice, privacy="private")


def signed_in(browser: Client) -> bool:
    return bool(browser.get("/account/email/").status_code == 200)


def listed_by(secret: str) -> Any:
    """What a key sees of its owner's files: the status, and their ids."""
    answer = Client().get("/api/v2/files", headers={"X-API-Key": secret})
    return answer.status_code, [file["id"] for file in answer.json().get("data", ())]


def post(browser: Client, path: str, values: dict[str, Any], **headers: str) -> Any:
    return browser.post(f"/api/v2{path}", values, "application/json", headers=headers)


def made_on_the_page(browser: Client, **fields: str) -> Any:
    return browser.post("/settings/keys", {"name": "mine", "kind": "live", **fields})


def reset(browser: Client, outbox: list[Any], email: str) -> Any:
    """Set NEW as the password by the mailed link; return the last page."""
    browser.post("/account/password/reset/", {"email": email})
    link = re.search(r"http://testserver(\S+)", outbox[-1].body)
    assert link
    form = browser.get(link[1], follow=True)
    return browser.post(
        form.request["PATH_INFO"], {"password1": NEW, "password2": NEW}, follow=True
    )


def test_a_hijacked_account_is_its_owners_alone_after_a_reset(
    alice: User, private: HostedFile, mailoutbox: list[Any]
) -> None:
    hijacker, owner = Client(), Client()
    hijacker.post("/account/login/", {"login": "alice", "password": PASSWORD})
    stolen = made_on_the_page(hijacker, rights="everything").context["secret"]
    assert post(hijacker, "/webhooks", HOOK).status_code == 201
    child = post(Client(), "/account/keys", {"name": "spare"}, **{"X-API-Key": stolen}).json()
    assert listed_by(stolen) == listed_by(child["secret"]) == (200, [private.public_id])

    page = reset(owner, mailoutbox, alice.email)

    assert not signed_in(hijacker)
    assert listed_by(stolen) == listed_by(child["secret"]) == (401, [])
    outbox.file_created(private)
    assert not Delivery.objects.exists()
    assert not UserSession.objects.filter(user=alice).exists()
    text = page.content.decode()
    assert "2 API keys and 1 webhooks" in text
    assert any("2 API keys" in mail.body for mail in mailoutbox)
    assert AccountEvent.objects.filter(user=alice, kind="access_ended").count() == 1

    owner.post("/account/login/", {"login": "alice", "password": NEW})
    secret = made_on_the_page(owner).context["secret"]
    assert listed_by(secret) == (200, [private.public_id])
    hooks = owner.get("/api/v2/webhooks").json()["data"]
    assert [(hook["enabled"], bool(hook["disabled_reason"])) for hook in hooks] == [(False, True)]


def test_who_signed_up_with_anothers_address_is_out_when_its_owner_confirms_it(
    mailoutbox: list[Any],
) -> None:
    stranger, owner = Client(), Client()
    form = {"username": "squatter", "email": "alice@example.org"}
    stranger.post("/account/signup/", {**form, "password1": PASSWORD, "password2": PASSWORD})
    secret = made_on_the_page(stranger).context["secret"]
    link = re.search(r"http://testserver(\S+)", mailoutbox[-1].body)
    assert link

    owner.post(link[1])

    assert EmailAddress.objects.get().verified
    assert not signed_in(stranger)
    assert listed_by(secret)[0] == 401


def test_who_confirms_the_own_address_stays_signed_in_and_confirming_another_ends_nothing(
    alice: User,
) -> None:
    from allauth.account.models import EmailConfirmationHMAC

    EmailAddress.objects.all().delete()
    first, second = (
        EmailAddress.objects.create(user=alice, email=f"{name}@example.org") for name in "ab"
    )
    browser, other = Client(), Client()
    for one in (browser, other):
        one.post("/account/login/", {"login": "alice", "password": PASSWORD})
    browser.post(f"/account/confirm-email/{EmailConfirmationHMAC(first).key}/")
    assert (signed_in(browser), signed_in(other)) == (True, False)
    secret = keys.create(alice, name="later")[1]
    browser.post(f"/account/confirm-email/{EmailConfirmationHMAC(second).key}/")
    assert listed_by(secret)[0] == 200


FIRST = "first@example.org"


def confirm_first(browser: Client, mails: list[Any]) -> None:
    """Follow the link that the last mail has."""
    assert mails[-1].to == [FIRST]
    link = re.search(r"http://testserver(\S+)", mails[-1].body)
    assert link
    browser.post(link[1])
    assert EmailAddress.objects.get(email=FIRST).verified


def test_who_had_no_address_keeps_keys_and_webhooks_when_the_first_is_confirmed(
    mailoutbox: list[Any],
) -> None:
    user = UserFactory(email="")
    secret = keys.create(user, name="script")[1]
    browser = Client()
    sign_in(browser, user)
    assert post(browser, "/webhooks", HOOK).status_code == 201
    browser.post("/account/email/", {"email": FIRST, "action_add": ""})
    confirm_first(browser, mailoutbox)
    assert listed_by(secret)[0] == 200
    assert Webhook.objects.get().enabled
    assert signed_in(browser)


@pytest.mark.parametrize("who", ["a stranger", "a session of long ago"])
def test_a_first_address_that_is_not_confirmed_with_the_password_ends_earlier_access(
    mailoutbox: list[Any], who: str
) -> None:
    user = UserFactory(email="")
    secret = keys.create(user, name="script")[1]
    browser = Client()
    browser.post("/account/login/", {"login": user.username, "password": PASSWORD})
    browser.post("/account/email/", {"email": FIRST, "action_add": ""})
    confirming = Client()
    if who != "a stranger":
        sign_in(confirming, user, minutes_ago=LONG_AGO)
    confirm_first(confirming, mailoutbox)
    assert listed_by(secret)[0] == 401
    assert not signed_in(browser)


def test_a_stolen_session_changes_nothing_that_lasts_and_its_owner_ends_it(alice: User) -> None:
    thief, owner = Client(), Client()
    owner.post("/account/login/", {"login": "alice", "password": PASSWORD})
    sign_in(thief, alice, minutes_ago=LONG_AGO)
    again = "/account/reauthenticate/"

    assert made_on_the_page(thief)["Location"].startswith(again)
    added = {"email": "thief@example.org", "action_add": ""}
    assert thief.post("/account/email/", added)["Location"].startswith(again)
    assert thief.get("/account/2fa/totp/activate/")["Location"].startswith(again)
    closing = thief.post("/settings/close", {"password": PASSWORD})
    assert closing["Location"].startswith(again)
    for path, values in (("/account/keys", {"name": "x"}), ("/webhooks", HOOK)):
        answer = post(thief, path, values)
        assert (answer.status_code, answer.json()["code"]) == (403, "reauthentication_required")
    wrong = {"oldpassword": "guessed", "password1": NEW, "password2": NEW}
    thief.post("/account/password/change/", wrong)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert not ApiKey.objects.exists()
    assert not Webhook.objects.exists()
    assert EmailAddress.objects.filter(user=alice).count() == 1

    change = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    owner.post("/account/password/change/", change)
    assert (signed_in(owner), signed_in(thief)) == (True, False)


def test_what_was_begun_is_done_once_the_password_is_given_again(alice: User) -> None:
    browser = Client()
    sign_in(browser, alice, minutes_ago=LONG_AGO)
    asked = made_on_the_page(browser)["Location"]
    done = browser.post(asked, {"password": PASSWORD})
    assert done.context["secret"]
    assert made_on_the_page(browser).context["secret"]


def test_the_old_address_is_notified_of_a_new_one(alice: User, mailoutbox: list[Any]) -> None:
    browser = Client()
    sign_in(browser, alice)
    new = EmailAddress.objects.create(user=alice, email="new@example.org", verified=True)
    browser.post("/account/email/", {"email": new.email, "action_primary": ""})
    (mail,) = [mail for mail in mailoutbox if "new@example.org" in mail.body]
    assert mail.to == [alice.email]


def test_a_leaked_key_goes_with_all_that_it_made(alice: User, private: HostedFile) -> None:
    leaked, secret = keys.create(alice, name="leaked", scopes=SCOPES)
    header = {"X-API-Key": secret}
    child = post(Client(), "/account/keys", {"name": "spare"}, **header).json()["secret"]
    assert post(Client(), "/webhooks", HOOK, **header).status_code == 201
    outbox.file_created(private)
    assert Delivery.objects.count() == 1

    owner = Client()
    sign_in(owner, alice)
    owner.post(f"/settings/keys/{leaked.pk}/revoke")

    assert listed_by(secret) == listed_by(child) == (401, [])
    outbox.file_created(private)
    assert Delivery.objects.count() == 1
    assert owner.get("/api/v2/webhooks").json()["data"] == []


def test_a_webhook_that_a_leaked_key_changed_ends_with_the_key(
    alice: User, private: HostedFile
) -> None:
    owner = Client()
    sign_in(owner, alice)
    hook = f"/api/v2/webhooks/{post(owner, '/webhooks', HOOK).json()['id']}"
    leaked, secret = keys.create(alice, name="leaked")
    spare, other = keys.create(alice, name="spare")

    def change(secret: str, **values: Any) -> None:
        answer = Client().patch(hook, values, "application/json", headers={"X-API-Key": secret})
        assert answer.status_code == 200

    change(secret, url="https://192.0.2.66/")
    # Another key does not make the address its own by changing something else.
    change(other, description="the same address")
    keys.revoke(leaked)
    outbox.file_created(private)
    assert not Delivery.objects.exists()
    assert spare.revoked_at is None
    assert owner.get(hook).status_code == 404


@pytest.mark.parametrize(
    ("by_key", "stays"), [(False, True), (True, False)], ids=["by a person", "by a key"]
)
def test_whoever_chose_a_webhooks_address_last_decides_with_which_key_it_ends(
    alice: User, by_key: bool, stays: bool
) -> None:
    maker, secret = keys.create(alice, name="maker")
    hook = post(Client(), "/webhooks", HOOK, **{"X-API-Key": secret}).json()["id"]
    owner = Client()
    sign_in(owner, alice)
    header = {"X-API-Key": secret} if by_key else {}
    chosen = {"url": "https://192.0.2.2/"}
    answer = (Client() if by_key else owner).patch(
        f"/api/v2/webhooks/{hook}", chosen, "application/json", headers=header
    )
    assert answer.status_code == 200
    keys.revoke(maker)
    assert bool(owner.get("/api/v2/webhooks").json()["data"]) is stays


def test_a_leaked_key_of_the_usual_kind_makes_no_other(alice: User) -> None:
    secret = keys.create(alice, name="usual")[1]
    answer = post(Client(), "/account/keys", {"name": "spare"}, **{"X-API-Key": secret})
    assert answer.status_code == 403
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("preset", PRESETS)
def test_the_page_makes_keys_that_may_do_what_was_chosen(alice: User, preset: str) -> None:
    browser = Client()
    sign_in(browser, alice)
    made_on_the_page(browser, rights=preset)
    assert ApiKey.objects.get().scopes == [one for one in SCOPES if one in PRESETS[preset]]


def test_the_page_makes_keys_of_chosen_scopes_with_an_end(alice: User) -> None:
    browser = Client()
    sign_in(browser, alice)
    assert made_on_the_page(browser, rights="chosen").context["form"].errors
    assert made_on_the_page(browser, ends_on="2001-01-01").context["form"].errors
    form = {"rights": "chosen", "scopes": "upload", "ends_on": "2999-12-31"}
    made_on_the_page(browser, **form)
    key = ApiKey.objects.get()
    assert key.scopes == ["upload"]
    assert key.ends_at is not None
    assert f"{key.ends_at:%Y-%m-%d %H:%M}" == "2999-12-31 23:59"
