"""Banned networks, mail domains and words: kept out from the moment of the ban until it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import keys
from accounts.models import User
from accounts.scopes import SCOPES
from hosting.admission import mail_domains, networks, spelling
from hosting.albums import editing as albums
from hosting.albums.editing import AlbumChanges
from hosting.errors import HostingError
from hosting.files import editing
from hosting.files.editing import Changes
from hosting.models import Ban, HostedFile
from tests import pictures
from tests.factories import PASSWORD, HostedFileFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db


def banned(kind: str, value: str, **more: Any) -> Ban:
    return Ban.objects.create(kind=kind, value=spelling.of_ban(kind, value), **more)


def upload(client: Client, user: User | None = None, **fields: Any) -> Any:
    key = keys.create(user, name="key", scopes=SCOPES)[1] if user else keys.guest_access().key
    part = SimpleUploadedFile(fields.pop("filename", "sea.png"), pictures.png(40, 30))
    return client.post("/api/1/upload", {"source": part, **fields}, headers={"X-API-Key": key})


@pytest.mark.parametrize(
    ("value", "ip", "holds"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.77/24", "192.0.2.8", True),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("::ffff:192.0.2.0/120", "192.0.2.9", True),
        ("2001:db8:1::/48", "2001:db8:1:2::3", True),
        ("2001:DB8:1::/48", "2001:db8:2::3", False),
    ],
)
def test_a_network_holds_its_addresses(value: str, ip: str, holds: bool) -> None:
    banned("network", value)
    assert networks.is_banned(ip) is holds


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("network", "192.0.2.300"),
        ("network", "192.0.2.0/33"),
        ("network", "example.org"),
        ("mail_domain", "exa mple.org"),
        ("mail_domain", ""),
        ("network", "0.0.0.0/0"),
        ("word", "!!!"),
        ("word", "one two three four five"),
    ],
)
def test_what_is_no_value_of_its_kind_is_no_ban(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        banned(kind, value)


def test_nothing_is_uploaded_from_a_banned_network(client: Client) -> None:
    ban = banned("network", "127.0.0.0/8")
    answer = upload(client)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Nothing may be uploaded from your network."
    assert upload(client, UserFactory(own_storage_limit=10**9)).status_code == 400
    assert not HostedFile.every.exists()
    Ban.objects.filter(pk=ban.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    assert upload(client).status_code == 200


def test_staff_are_let_through(client: Client) -> None:
    banned("network", "127.0.0.1")
    assert upload(client, UserFactory(own_storage_limit=10**9, is_staff=True)).status_code == 200


def test_a_ban_with_an_end_holds_until_then(client: Client) -> None:
    banned("network", "127.0.0.1", ends_at=timezone.now() + timedelta(hours=1))
    assert upload(client).status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Cheap PÍLLS here"},
        {"description": "more\nmore pills"},
        {"tags": "sea,pills"},
        {"filename": "buy_pills-now.png"},
    ],
)
def test_a_banned_word_is_refused_wherever_it_stands(client: Client, fields: Any) -> None:
    banned("word", "Pills")
    answer = upload(client, UserFactory(own_storage_limit=10**9), **fields)
    assert answer.status_code == 400
    assert "a word that is not allowed" in answer.json()["error"]["message"]
    assert not HostedFile.every.exists()


def test_a_word_is_no_part_of_a_word(client: Client) -> None:
    banned("word", "ass")
    assert upload(client, title="A class of glass").status_code == 200


def test_a_phrase_is_banned_as_a_whole(client: Client) -> None:
    banned("word", "free  money")
    assert upload(client, title="Free lunch, no money").status_code == 200
    assert upload(client, title="Get FREE-money").status_code == 400


def test_an_edit_brings_no_banned_word_in() -> None:
    file = HostedFileFactory(title="Old pills")
    banned("word", "pills")
    editing.edit(file, Changes(title="Old pills", description="Of the sea"))
    for changes in (Changes(title="New pills"), Changes(tags=("pills",))):
        with pytest.raises(HostingError) as refused:
            editing.edit(file, changes)
        assert refused.value.code == "banned_word"
    file.refresh_from_db()
    assert file.title == "Old pills"


def test_an_albums_name_has_no_banned_word() -> None:
    banned("word", "pills")
    with pytest.raises(HostingError, match="name has a word"):
        albums.create(UserFactory(), AlbumChanges(name="My pills"))


@pytest.mark.parametrize(
    ("email", "holds"),
    [
        ("a@spam.example", True),
        ("a@SPAM.example.", True),
        ("a@mail.spam.example", True),
        ("a@notspam.example", False),
        ("a@example", False),
    ],
)
def test_a_mail_domain_holds_those_below_it(email: str, holds: bool) -> None:
    banned("mail_domain", "@Spam.example")
    assert mail_domains.is_banned(email) is holds


def sign_up(client: Client, email: str) -> bool:
    fields = {
        "email": email, "username": "newcomer", "password1": PASSWORD, "password2": PASSWORD,
    }  # fmt: skip
    client.post("/account/signup/", fields)
    return User.objects.filter(username="newcomer").exists()


def test_nobody_signs_up_with_a_banned_domain(client: Client) -> None:
    banned("mail_domain", "spam.example")
    assert not sign_up(client, "a@spam.example")
    assert sign_up(client, "a@example.org")


def test_nobody_signs_up_from_a_banned_network(client: Client) -> None:
    ban = banned("network", "127.0.0.1")
    assert not sign_up(client, "a@example.org")
    ban.delete()
    assert sign_up(client, "a@example.org")


@pytest.mark.parametrize(
    ("kind", "value"), [("network", "127.0.0.1"), ("mail_domain", "spam.example")]
)
def test_nobody_who_is_banned_signs_up_by_the_provider_either(
    rf: RequestFactory, settings: Any, kind: str, value: str
) -> None:
    settings.OIDC_SIGN_UP = True
    adapter, request = get_adapter(), rf.get("/", REMOTE_ADDR="127.0.0.1")
    login = SocialLogin(user=User(email="new@spam.example"), account=SocialAccount())
    assert adapter.is_open_for_signup(request, login)
    banned(kind, value)
    assert not adapter.is_open_for_signup(request, login)


def test_nothing_is_replaced_or_turned_from_a_banned_network(client: Client) -> None:
    owner = UserFactory()
    file = HostedFileFactory(owner=owner)
    secret = keys.create(owner, name="mine", scopes=SCOPES)[1]
    banned("network", "127.0.0.0/8")
    sign_in(client, owner)

    def other() -> SimpleUploadedFile:
        return SimpleUploadedFile("a.jpg", pictures.jpeg())

    for way in ("replace", "rotate"):
        sent = {"file": other()} if way == "replace" else {"angle": 90}
        address = f"/api/v2/files/{file.public_id}/{way}"
        answer = client.post(address, sent, headers={"X-API-Key": secret})
        assert (answer.status_code, answer.json()["code"]) == (403, "banned_network"), way
        shown = {"file": other()} if way == "replace" else {"turn": "left"}
        page = client.post(f"/dashboard/files/{file.public_id}/{way}", shown, follow=True)
        assert "Nothing may be uploaded from your network." in page.content.decode()

    assert HostedFile.objects.get(pk=file.pk).path == file.path
