"""Signing in by an OpenID Connect provider: who gets in, who becomes a member, and whose account it never
opens."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.db.models import F
from django.test import Client

from accounts import keys
from accounts.external import ExternalAccountAdapter
from accounts.models import AccountEvent, User
from hosting.models import Ban
from tests import openid_provider
from tests.accounts.conftest import PASSWORD, let_time_pass, sign_in, signed_in_as
from tests.openid_provider import Provider

pytestmark = pytest.mark.django_db

LOGIN = "/account/oidc/login/"
CONNECT = f"{LOGIN}?process=connect"
CONNECTIONS = "/account/3rdparty/"
NEW = "another long password of hers"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with openid_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, settings: Any) -> Provider:
    """The one by which this site's members sign in."""
    settings.OIDC_SERVER_URL, settings.OIDC_NAME = running.url, "Office"
    app = {
        "provider_id": "oidc",
        "name": "Office",
        "client_id": "pictures",
        "secret": "secret",
        "settings": {"server_url": running.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": [app]}
    }
    running.asked.clear()
    return running


@pytest.fixture
def alice(alice: User) -> User:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    return alice


def go(client: Client, provider: Provider, sub: str, path: str = LOGIN, **form: str) -> Any:
    """Press the button, sign in at the provider, come back; return the last answer."""
    there = client.post(path, form)["Location"]
    assert there.startswith(f"{provider.url}/oauth2/authorize?")
    back = urlsplit(provider.agree(there, sub))
    assert back.path == "/account/oidc/login/callback/"
    return client.get(f"{back.path}?{back.query}")


def connect(client: Client, provider: Provider, sub: str) -> Any:
    return go(client, provider, sub, CONNECT)


def test_without_settings_there_is_none(client: Client, alice: User) -> None:
    assert "/account/oidc/" not in client.get("/account/login/").text
    assert client.post(LOGIN).status_code == 404
    sign_in(client, "alice")
    assert "Connected accounts" not in client.get("/settings/security").text


def test_a_newcomer_becomes_a_member_with_the_providers_name_and_address(
    client: Client, provider: Provider
) -> None:
    provider.knows(
        "7", email="ada@example.org", email_verified=True, name="Ada Lovelace",
        preferred_username="ada@example.org",
    )  # fmt: skip
    assert "Sign in with Office" in client.get("/account/login/").text
    assert go(client, provider, "7")["Location"] == "/"
    user = User.objects.get()
    assert (signed_in_as(client), user.username, user.first_name) == ("ada", "ada", "Ada")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (False, False, False)
    assert EmailAddress.objects.get().verified
    assert not SocialToken.objects.exists()

    again = Client()
    go(again, provider, "7")
    assert signed_in_as(again) == "ada"
    assert User.objects.count() == 1
    last = AccountEvent.objects.filter(kind="signed_in").first()
    assert last is not None
    assert last.detail == "Office: ada@example.org"


@pytest.mark.parametrize("name", ["admin", "a", "ÄÖ", "x" * 90, "<script>", "al ice", ""])
def test_any_name_of_the_provider_makes_a_username_of_this_site(
    client: Client, provider: Provider, name: str
) -> None:
    provider.knows("8", email="b@example.org", email_verified=True, preferred_username=name)
    go(client, provider, "8")
    user = User.objects.get()
    user.full_clean(exclude=["password"])
    assert user.username != "admin"


def test_the_way_there_carries_a_state_and_a_challenge_and_the_way_back_works_once(
    client: Client, provider: Provider
) -> None:
    provider.knows("9", email="c@example.org", email_verified=True)
    there = client.post(LOGIN)["Location"]
    back = provider.agree(there, "9")
    path = f"{urlsplit(back).path}?{urlsplit(back).query}"
    asked = provider.asked[-1]
    assert asked["code_challenge_method"] == "S256"
    assert "openid" in asked["scope"].split()
    # Another browser has not begun it.
    assert Client().get(path).status_code == 401
    client.get(path)
    assert signed_in_as(client) is not None
    client.post("/account/logout/")
    assert client.get(path).status_code == 401
    assert signed_in_as(client) is None


def test_nobody_is_sent_there_by_a_link(client: Client, provider: Provider) -> None:
    page = client.get(LOGIN)
    assert page.status_code == 200
    assert "Sign in with Office" in page.text


def test_a_closed_site_takes_no_new_members_from_there_unless_told_to(
    client: Client, provider: Provider, settings: Any
) -> None:
    settings.SIGN_UP_OPEN = False
    provider.knows("10", email="d@example.org", email_verified=True)
    assert "closed" in go(client, provider, "10").text.lower()
    assert not User.objects.exists()
    settings.OIDC_SIGN_UP = True
    go(client, provider, "10")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "value"), [("network", "127.0.0.0/8"), ("mail_domain", "spam.example")]
)
def test_who_may_not_sign_up_here_does_not_by_the_provider_either(
    client: Client, provider: Provider, kind: str, value: str
) -> None:
    provider.knows("30", email="a@mail.spam.example", email_verified=True)
    ban = Ban.objects.create(kind=kind, value=value)
    assert "closed" in go(client, provider, "30").text.lower()
    assert not User.objects.exists()
    ban.delete()
    go(client, provider, "30")
    member = User.objects.get()
    # It holds for new members alone.
    Ban.objects.create(kind=kind, value=value)
    again = Client()
    go(again, provider, "30")
    assert signed_in_as(again) == member.username


def test_a_banned_address_is_not_typed_in_where_the_provider_has_none(
    client: Client, provider: Provider
) -> None:
    Ban.objects.create(kind="mail_domain", value="spam.example")
    provider.knows("31", email="")
    form = go(client, provider, "31")["Location"]
    answer = client.post(form, {"email": "a@spam.example", "username": "newcomer"})
    assert "email domain are not accepted" in answer.text
    assert not User.objects.exists()


def test_a_members_address_opens_nothing_until_its_owner_connects_the_two(
    client: Client, provider: Provider, alice: User
) -> None:
    provider.knows("11", email="ALICE@example.org", email_verified=True)
    answer = go(client, provider, "11")
    assert answer["Location"].startswith("/account/login/?next=")
    assert signed_in_as(client) is None
    assert not SocialAccount.objects.exists()
    page = client.get(answer["Location"])
    assert "There is an account with your address" in page.text

    # Its owner signs in, and is led to connect them.
    signed = client.post(answer["Location"], {"login": "alice", "password": PASSWORD})
    asked = client.get(signed["Location"])
    assert "Connect Office" in asked.text
    assert "alice" in asked.text
    assert connect(client, provider, "11")["Location"] == CONNECTIONS
    other = Client()
    go(other, provider, "11")
    assert signed_in_as(other) == "alice"
    assert AccountEvent.objects.filter(user=alice, kind="login_connected").count() == 1
    for path in ("/settings/security", CONNECTIONS):
        assert "ALICE@example.org" in other.get(path).text


@pytest.mark.parametrize("verified", [False, "false", "true", None, 1])
def test_an_address_that_the_provider_has_not_seen_is_nobodys(
    client: Client, provider: Provider, alice: User, verified: Any
) -> None:
    claims = {} if verified is None else {"email_verified": verified}
    provider.knows("12", email=alice.email, **claims)
    go(client, provider, "12")
    assert signed_in_as(client) != "alice"
    assert not SocialAccount.objects.filter(user=alice).exists()
    assert EmailAddress.objects.filter(verified=True, email=alice.email).get().user == alice


def test_who_registered_anothers_address_gets_nothing_of_its_owners(
    client: Client, provider: Provider
) -> None:
    squatter = User.objects.create_user("squatter", "eve@example.org", PASSWORD)
    EmailAddress.objects.create(user=squatter, email="eve@example.org", primary=True)
    provider.knows("13", email="eve@example.org", email_verified=True)
    go(client, provider, "13")
    assert signed_in_as(client) not in {None, "squatter"}
    assert not SocialAccount.objects.filter(user=squatter).exists()


def test_connecting_takes_the_password_given_lately(
    client: Client, provider: Provider, alice: User
) -> None:
    provider.knows("14", email="thief@example.org", email_verified=True)
    sign_in(client, "alice")
    let_time_pass(client)
    assert connect(client, provider, "14")["Location"].startswith("/account/reauthenticate/")
    assert not SocialAccount.objects.exists()
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert SocialAccount.objects.get().user == alice


def test_an_account_of_elsewhere_opens_one_account(
    client: Client, provider: Provider, alice: User
) -> None:
    provider.knows("15", email="f@example.org", email_verified=True)
    go(client, provider, "15")
    owner = signed_in_as(client)
    other = Client()
    sign_in(other, "alice")
    connect(other, provider, "15")
    assert SocialAccount.objects.get().user.username == owner


def test_storage_counted_while_an_account_is_connected_is_kept(
    client: Client, provider: Provider, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.knows("16", email="g@example.org", email_verified=True)
    sign_in(client, "alice")
    told = ExternalAccountAdapter.pre_social_login

    def told_during_an_upload(*args: Any) -> None:
        User.objects.update(storage_used=F("storage_used") + 100)
        told(*args)

    monkeypatch.setattr(ExternalAccountAdapter, "pre_social_login", told_during_an_upload)
    connect(client, provider, "16")
    alice.refresh_from_db()
    assert SocialAccount.objects.exists()
    assert alice.storage_used == 100


def test_disconnecting_leaves_another_way_in(
    client: Client, provider: Provider, alice: User
) -> None:
    provider.knows("17", email="h@example.org", email_verified=True)
    sign_in(client, "alice")
    connect(client, provider, "17")
    row = SocialAccount.objects.get()
    bob = Client()
    User.objects.create_user("bob", password=PASSWORD)
    sign_in(bob, "bob")
    bob.post(CONNECTIONS, {"account": row.pk})
    assert SocialAccount.objects.exists()
    client.post(CONNECTIONS, {"account": row.pk})
    assert not SocialAccount.objects.exists()
    assert AccountEvent.objects.filter(user=alice, kind="login_removed").exists()

    provider.knows("18", email="i@example.org", email_verified=True)
    newcomer = Client()
    go(newcomer, provider, "18")
    page = newcomer.post(CONNECTIONS, {"account": SocialAccount.objects.get().pk})
    assert "no password" in page.text
    assert SocialAccount.objects.exists()


def test_who_has_no_password_signs_in_there_again_before_a_change(
    client: Client, provider: Provider
) -> None:
    provider.knows("19", email="j@example.org", email_verified=True)
    go(client, provider, "19")
    make = {"name": "mine", "kind": "live"}
    assert client.post("/settings/keys", make).context["secret"]
    let_time_pass(client)
    asked = client.post("/settings/keys", make)["Location"]
    assert asked.startswith(LOGIN)
    password = {"password1": NEW, "password2": NEW}
    assert client.post("/account/password/set/", password)["Location"].startswith(LOGIN)
    assert not User.objects.get().has_usable_password()
    # There a session alone is not to be enough either.
    form = re.search(r'action="([?]auth_params[^"]+)"', client.get(asked).text)
    assert form
    again = go(client, provider, "19", urljoin(asked, html.unescape(form[1])))
    assert again["Location"] == "/settings/keys"
    assert provider.asked[-1]["prompt"] == "login"
    assert client.post("/settings/keys", make).context["secret"]
    client.post("/account/password/set/", password)
    assert User.objects.get().has_usable_password()


def test_a_second_factor_is_asked_for_after_the_provider_too(
    client: Client, provider: Provider, alice: User
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    provider.knows("20", email="k@example.org", email_verified=True)
    sign_in(client, "alice")
    connect(client, provider, "20")
    TOTP.activate(alice, generate_totp_secret())
    other = Client()
    assert go(other, provider, "20")["Location"].startswith("/account/2fa/authenticate/")
    assert signed_in_as(other) is None


def test_a_banned_member_does_not_get_in_by_the_provider(
    client: Client, provider: Provider
) -> None:
    provider.knows("21", email="l@example.org", email_verified=True)
    go(client, provider, "21")
    User.objects.update(is_active=False)
    other = Client()
    go(other, provider, "21")
    assert signed_in_as(other) is None


def test_what_a_hijacker_connected_ends_when_the_account_is_taken_back(
    client: Client, provider: Provider, alice: User, mailoutbox: list[Any]
) -> None:
    provider.knows("22", email="hijacker@example.org", email_verified=True)
    sign_in(client, "alice")
    connect(client, provider, "22")
    owner = Client()
    owner.post("/account/password/reset/", {"email": alice.email})
    link = re.search(r"http://testserver(\S+)", mailoutbox[-1].body)
    assert link
    form = owner.get(link[1], follow=True)
    page = owner.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW}, follow=True)
    assert "Connected accounts have been disconnected" in page.text
    hijacker = Client()
    go(hijacker, provider, "22")
    assert signed_in_as(hijacker) != "alice"


def test_who_confirms_an_address_in_the_session_of_the_provider_keeps_that_way_in(
    client: Client, provider: Provider, mailoutbox: list[Any]
) -> None:
    provider.knows("23", email="m@example.org")
    go(client, provider, "23")
    user = User.objects.get()
    secret = keys.create(user, name="script")[1]
    link = re.search(r"http://testserver(\S+)", mailoutbox[-1].body)
    assert link
    client.post(link[1])
    assert EmailAddress.objects.get().verified
    assert SocialAccount.objects.get().user == user
    assert Client().get("/api/v2/files", headers={"X-API-Key": secret}).status_code == 401


def test_an_answer_about_two_people_opens_nothing(
    client: Client, provider: Provider, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.knows("25", email="n@example.org", email_verified=True)
    sign_in(client, "alice")
    connect(client, provider, "25")
    provider.knows("26", email="o@example.org", email_verified=True)
    monkeypatch.setattr(provider, "second_subject", "25")
    other = Client()
    assert go(other, provider, "26").status_code == 401
    assert signed_in_as(other) is None


def test_a_button_that_is_pressed_often_does_not_ask_the_provider_each_time(
    client: Client, provider: Provider
) -> None:
    before = provider.discovered
    for _ in range(5):
        assert client.post(LOGIN).status_code == 302
    assert provider.discovered == before + 1


def test_a_provider_that_is_down_or_refuses_is_a_page(
    client: Client, provider: Provider, settings: Any
) -> None:
    there = parse_qs(urlsplit(client.post(LOGIN)["Location"]).query)
    denied = {"error": "access_denied", "state": there["state"][0]}
    answer = client.get(f"{LOGIN}callback/", denied, follow=True)
    assert "You stopped signing in" in answer.text
    for path in ("callback/", "callback/?code=x", "callback/?code=x&state=y", "callback/?error=z"):
        assert client.get(f"{LOGIN}{path}").status_code == 401
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    for nowhere in ("http://localhost:1", f"{provider.url}/nowhere"):
        app["settings"]["server_url"] = nowhere
        page = client.post(LOGIN)
        assert page.status_code == 503
        assert "did not work" in page.text
