"""The other pages: keys, accounts, errors, and what machines ask for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template.loader import get_template
from django.test import Client

from accounts import keys
from accounts.models import ApiKey, User
from tests.factories import PASSWORD, ApiKeyFactory, UserFactory


def text(response: Any) -> str:
    return response.content.decode()


def test_a_member_makes_a_key_that_works_and_is_shown_once(member_client: Client) -> None:
    page = text(member_client.post("/settings/keys", {"name": "ShareX <b>", "kind": "live"}))
    row = ApiKey.objects.get()
    secret = page.split('id="new-key" value="')[1].split('"')[0]
    assert keys.identify(secret).key == row
    assert "ShareX &lt;b&gt;" in page
    again = text(member_client.get("/settings/keys"))
    assert secret not in again
    assert row.prefix in again


def test_a_key_without_a_name_is_asked_for_one(member_client: Client) -> None:
    page = text(member_client.post("/settings/keys", {"name": "", "kind": "live"}))
    assert "This field is required" in page
    assert not ApiKey.objects.exists()


def test_a_member_revokes_a_key(member_client: Client, member: User) -> None:
    row = ApiKeyFactory(user=member)
    member_client.post(f"/settings/keys/{row.pk}/revoke")
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert "Revoked keys" in text(member_client.get("/settings/keys"))


def test_nobody_revokes_or_sees_anothers_key(member_client: Client) -> None:
    row = ApiKeyFactory()
    assert member_client.post(f"/settings/keys/{row.pk}/revoke").status_code == 404
    assert row.prefix not in text(member_client.get("/settings/keys"))


def test_a_guest_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/settings/keys")["Location"] == "/account/login/?next=/settings/keys"


@pytest.mark.parametrize(
    "address",
    [
        "/account/login/",
        "/account/signup/",
        "/account/password/reset/",
        "/account/password/reset/done/",
    ],
)
def test_the_entrances_look_like_the_site(client: Client, address: str) -> None:
    page = text(client.get(address))
    assert "site-header" in page
    assert "style=" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/account/email/", "/account/password/change/", "/account/2fa/", "/account/logout/",
        "/account/2fa/totp/activate/", "/account/reauthenticate/", "/settings/keys",
    ],
)  # fmt: skip
def test_the_settings_look_like_the_site_and_ask_little(
    client: Client, address: str, member: User, django_assert_max_num_queries: Any
) -> None:
    client.post("/account/login/", {"login": member.username, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    with django_assert_max_num_queries(15):
        response = client.get(address)
    assert response.status_code == 200
    assert "settings-nav" in text(response) or "page-narrow" in text(response)


def test_signing_up_in_and_out(client: Client) -> None:
    form = {
        "email": "eve@example.org",
        "username": "eve-1",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert client.post("/account/signup/", form)["Location"] == "/"
    assert "eve-1" in text(client.get("/"))
    client.post("/account/logout/")
    assert "eve-1" not in text(client.get("/"))
    wrong = client.post("/account/login/", {"login": "eve-1", "password": "wrong"})
    assert "notice-error" in text(wrong)
    assert (
        client.post("/account/login/", {"login": "eve-1", "password": PASSWORD}).status_code == 302
    )


def test_every_control_has_a_label(client: Client, member_client: Client) -> None:
    pages = [client.get("/account/signup/"), client.get("/api/docs"), member_client.get("/"),
             member_client.get("/settings/keys")]  # fmt: skip
    for page in map(text, pages):
        for control in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
            if not re.search('type="hidden"| hidden>', control):
                name = re.search(r'id="([^"]+)"', control)
                assert name, control
                assert f'for="{name[1]}"' in page


@pytest.mark.parametrize("language", ["en", "es", "lt"])
def test_headings_and_buttons_have_one_capital(client: Client, member: User, language: str) -> None:
    headers = {"Accept-Language": language}
    pages = [client.get(f"/account/{path}/", headers=headers)
             for path in ("login", "signup", "password/reset", "password/reset/key/1-wrong")]  # fmt: skip
    client.post("/account/login/", {"login": member.username, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    own = ("2fa", "2fa/totp/activate", "password/change", "logout", "sessions", "email")
    pages += [client.get(f"/account/{path}/", headers=headers) for path in own]
    for page in pages:
        assert page.status_code == 200
        main = text(page).partition("<main")[2].partition("</main>")[0]
        values = re.findall(r"<(?:h1|h2|button|label|th)[^>]*>([^<]+)<", main)
        assert values
        assert not [one for one in values if re.search(r"\w+ [A-ZÁÉÍÓÚŠŽĮŪ][a-zė]+$", one.strip())]


def test_an_unknown_address_is_answered_in_the_sites_look(client: Client) -> None:
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "Page not found" in text(response)
    assert "site-header" in text(response)


def test_a_name_that_is_not_ours_is_answered_with_help(client: Client) -> None:
    response = client.get("/", headers={"Host": "elsewhere.example"})
    assert response.status_code == 400
    assert "ALLOWED_HOSTS" in text(response)


def test_a_fault_of_ours_is_reported_without_the_database(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    client = Client(raise_request_exception=False)
    monkeypatch.setattr("hosting.views.home.limits_for", lambda caller: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "went wrong on our side" in text(response)
    with django_assert_num_queries(0):
        for name in ("400.html", "500.html"):
            assert "/static/css/site/base.css" in get_template(name).render()


def test_what_machines_ask_for(client: Client) -> None:
    assert "Disallow: /admin/" in text(client.get("/robots.txt"))
    assert client.get("/favicon.ico")["Location"] == "/static/img/favicon.svg"


def test_staff_find_the_administration(client: Client) -> None:
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert 'href="/admin/"' in text(client.get("/"))
