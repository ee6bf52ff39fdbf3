"""Administering accounts: the door of the admin, members, plans, keys and guests."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts import keys, quotas
from accounts.errors import AccountSuspended
from accounts.models import ApiKey, Plan, Usage, User
from hosting.admin import UserAdmin
from hosting.models import Album, HostedFile
from tests.accounts.conftest import (
    PASSWORD,
    one_time_code,
    sign_in,
    signed_in_as,
    switch_on_second_factor,
)
from tests.hosting.admin.pages import act, form_of, page_of, save

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"


# --- The door


@pytest.mark.parametrize("page", ["/admin/", "/admin/login/", USERS])
def test_the_admin_asks_to_sign_in_on_the_sites_own_page(client: Client, page: str) -> None:
    answer = client.get(page, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/account/login/")


def test_a_password_sent_to_the_admins_old_form_opens_nothing(client: Client, boss: User) -> None:
    client.post("/admin/login/", {"username": "boss", "password": PASSWORD})

    assert signed_in_as(client) is None


def test_an_administrator_signs_in_and_comes_to_the_admin(client: Client, boss: User) -> None:
    answer = client.post(
        "/account/login/?next=/admin/", {"login": "boss", "password": PASSWORD}, follow=True
    )

    assert answer.request["PATH_INFO"] == "/admin/"
    assert answer.status_code == 200


def test_staff_can_be_made_to_have_a_second_factor(
    client: Client, boss: User, settings: Any
) -> None:
    EmailAddress.objects.create(user=boss, email=boss.email, verified=True, primary=True)
    settings.STAFF_TWO_FACTOR = True
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == "/account/login/"
    sign_in(client, "boss")
    page = client.get("/admin/accounts/plan/", follow=True)
    assert page.request["PATH_INFO"] == "/account/2fa/totp/activate/"
    assert "The administration requires two-factor sign-in" in page.content.decode()

    switch_on_second_factor(client)

    assert client.get("/admin/accounts/plan/").status_code == 200


def test_an_administrators_second_factor_stands_before_the_admin(
    client: Client, boss: User
) -> None:
    EmailAddress.objects.create(user=boss, email=boss.email, verified=True, primary=True)
    sign_in(client, "boss")
    secret = switch_on_second_factor(client)

    thief = Client()
    sign_in(thief, "boss", then="/admin/")
    assert thief.get("/admin/").status_code == 302

    thief.post("/account/2fa/authenticate/", {"code": one_time_code(secret)})
    assert thief.get("/admin/").status_code == 200


def test_guessing_an_administrators_password_is_stopped(client: Client, boss: User) -> None:
    for _ in range(5):
        sign_in(client, "boss", "wrong", then="/admin/")

    sign_in(client, "boss", then="/admin/")

    assert client.get("/admin/").status_code == 302


def test_members_are_told_that_the_admin_is_not_theirs(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/admin/", follow=True).status_code == 403


# --- Members


def test_the_list_of_members_tells_what_they_use_of_what_they_may(
    office: Client, alice: User
) -> None:
    User.objects.filter(pk=alice.pk).update(storage_used=1536 * 1024)
    large = Plan.objects.create(name="Large", storage_limit=2 * 1024**3)
    User.objects.create_user("bob", plan=large)
    User.objects.create_user("carol", plan=large, own_storage_limit=0)
    HostedFile.objects.create(owner=alice, path="images/a.jpg", format="jpeg", size=1)

    html = office.get(USERS).content.decode()

    for values in ("1.5\xa0MB / 500.0\xa0MB", "0\xa0bytes / 2.0\xa0GB", "0\xa0bytes / 0\xa0bytes"):
        assert values in html
    assert 'href="/admin/hosting/hostedfile/?owner=alice">1 file</a>' in html


@pytest.mark.parametrize("own", [None, 0, 7])
def test_the_limit_in_the_list_is_the_limit_that_holds(
    office: Client, alice: User, own: int | None
) -> None:
    User.objects.update(own_storage_limit=own)
    alice.refresh_from_db()

    listed = next(u for u in office.get(USERS).context["cl"].result_list if u == alice)

    assert listed.storage_limit == quotas.allowance(alice).storage


def test_a_members_page_shows_limits_counts_and_the_way_to_files_albums_and_keys(
    office: Client, alice: User
) -> None:
    keys.create(alice, name="phone")
    Album.objects.create(owner=alice, name="Sea")

    html = office.get(page_of(alice)).content.decode()

    assert "/ 500.0\xa0MB" in html
    for link in (
        "/admin/hosting/hostedfile/?owner=alice",
        f"/admin/hosting/album/?owner__id__exact={alice.pk}",
        f"/admin/accounts/apikey/?user__id__exact={alice.pk}",
    ):
        assert link in html
        assert office.get(link).status_code == 200


def test_a_member_is_added_with_a_password_and_given_limits(office: Client) -> None:
    answer = office.post(
        f"{USERS}add/",
        {
            "username": "dora",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    dora = User.objects.get(username="dora")
    assert answer["Location"] == page_of(dora)

    assert save(office, dora, own_storage_limit=1000).status_code == 302
    dora.refresh_from_db()
    assert quotas.allowance(dora).storage == 1000
    assert dora.check_password(PASSWORD)


@pytest.mark.parametrize("username", ["admin", "ALICE", "al/ice"])
def test_no_member_is_given_a_name_that_is_no_name_or_taken(
    office: Client, alice: User, username: str
) -> None:
    other = User.objects.create_user("bob")

    passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert office.post(f"{USERS}add/", {"username": username, **passwords}).status_code == 200
    assert save(office, other, username=username).status_code == 200
    assert set(User.objects.values_list("username", flat=True)) == {"boss", "alice", "bob"}


def test_the_first_administrator_can_be_edited_although_its_name_is_reserved(
    office: Client,
) -> None:
    first = User.objects.create_superuser("admin")

    assert save(office, first, email="admin@example.org").status_code == 302

    first.refresh_from_db()
    assert first.email == "admin@example.org"


def test_storage_counted_while_an_administrator_saves_is_kept(
    office: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = form_of(office, alice, own_storage_limit=5000)
    load = UserAdmin.get_object

    def load_during_an_upload(*args: Any) -> Any:
        found = load(*args)
        User.objects.filter(pk=alice.pk).update(storage_used=F("storage_used") + 100)
        return found

    monkeypatch.setattr(UserAdmin, "get_object", load_during_an_upload)
    office.post(page_of(alice), sent)
    new = {
        "usable_password": "true",
        "password1": "another one of hers",
        "password2": "another one of hers",
    }
    office.post(f"{USERS}{alice.pk}/password/", new)

    alice.refresh_from_db()
    assert (alice.own_storage_limit, alice.storage_used) == (5000, 200)
    assert alice.check_password("another one of hers")


def test_banning_shuts_members_out_and_they_can_be_let_in_again(
    office: Client, alice: User, boss: User
) -> None:
    _, secret = keys.create(alice, name="key")

    act(office, "ban_members", alice, boss)
    browser = Client()
    sign_in(browser, "alice")
    assert browser.get("/dashboard").headers["Location"] == "/settings/notices"
    with pytest.raises(AccountSuspended):
        keys.identify(secret)
    assert User.objects.get(pk=boss.pk).suspended_at is None

    act(office, "let_in_again", alice)
    assert keys.identify(secret).user == alice


def test_deleting_a_member_takes_everything_that_is_theirs(office: Client, alice: User) -> None:
    key = keys.create(alice, name="key")[0]
    album = Album.objects.create(owner=alice, name="Sea")
    for n in range(3):
        HostedFile.objects.create(
            owner=alice, album=album, api_key=key, path=f"images/{n}.jpg", format="jpeg", size=1
        )
    Usage.objects.create(user=alice, day=timezone.now().date(), metric="compressions", count=1)

    asking = office.get(page_of(alice, "delete"))
    assert dict(asking.context["model_count"]) == {
        "users": 1,
        "files": 3,
        "albums": 1,
        "API keys": 1,
    }
    office.post(page_of(alice, "delete"), {"post": "yes"})

    assert not User.objects.filter(username="alice").exists()
    for model in (HostedFile, Album, ApiKey, Usage):
        assert not model.objects.exists()


def test_many_members_are_deleted_at_once(office: Client, alice: User) -> None:
    bob = User.objects.create_user("bob")
    for owner in (alice, bob):
        HostedFile.objects.create(owner=owner, path=f"images/{owner}.jpg", format="jpeg", size=1)

    act(office, "delete_selected", alice, bob, post="yes")

    assert [user.username for user in User.objects.all()] == ["boss"]
    assert not HostedFile.objects.exists()


def test_nobody_deletes_themselves_so_an_administrator_is_always_left(
    office: Client, boss: User
) -> None:
    assert office.post(page_of(boss, "delete"), {"post": "yes"}).status_code == 403
    act(office, "delete_selected", boss, post="yes")

    assert User.objects.filter(pk=boss.pk).exists()


def test_a_moderator_cannot_make_administrators_nor_touch_them(
    helper: Client, alice: User, boss: User
) -> None:
    save(helper, alice, is_staff="on", is_superuser="on", email="new@example.org")
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.email) == (False, False, "new@example.org")

    new = {
        "usable_password": "true",
        "password1": "taken over by me",
        "password2": "taken over by me",
    }
    assert helper.post(f"{USERS}{boss.pk}/password/", new).status_code == 403
    assert helper.post(page_of(boss), {"username": "boss"}).status_code == 403
    assert helper.post(page_of(boss, "delete"), {"post": "yes"}).status_code == 403
    act(helper, "delete_selected", boss, post="yes")
    act(helper, "ban_members", boss)
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)
    assert boss.is_active


def test_second_factors_are_taken_from_who_lost_them_but_never_shown(
    office: Client, boss: User, alice: User
) -> None:
    row = Authenticator.objects.create(
        user=alice, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )

    assert b"JBSWY3DPEHPK3PXP" not in office.get(page_of(row)).content
    assert office.get("/admin/mfa/authenticator/add/").status_code == 403
    office.post(page_of(row, "delete"), {"post": "yes"})

    assert not Authenticator.objects.exists()
