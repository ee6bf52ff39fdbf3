"""Settings: profile, what uploads begin with, allowed domain, keys for other programs, data, closing."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, User
from hosting import tasks
from hosting.files import likes
from hosting.members import export
from hosting.models import Album, HostedFile, Job, Replay
from hosting.storage import objects
from tests.factories import (
    PASSWORD,
    AlbumFactory,
    ApiKeyFactory,
    HostedFileFactory,
    UserFactory,
    picture,
    sign_in,
)

pytestmark = pytest.mark.django_db
Part = Callable[[str, bytes], io.BytesIO]


def test_a_profile_is_saved_without_touching_the_count_of_storage(
    member_client: Client, member: User
) -> None:
    User.objects.filter(pk=member.pk).update(storage_used=77)
    form = {"first_name": "  Ada\n Lovelace ", "language": "lt"}
    answer = member_client.post("/settings", form, follow=True)
    member.refresh_from_db()
    assert (member.first_name, member.language, member.storage_used) == ("Ada Lovelace", "lt", 77)
    assert '<html lang="lt"' in answer.content.decode()


def test_a_language_that_the_site_has_not_is_refused(member_client: Client, member: User) -> None:
    answer = member_client.post("/settings", {"language": "tlh"})
    assert answer.context["form"].errors["language"]


def test_uploads_begin_with_the_members_defaults(
    member_client: Client, member: User, part: Part
) -> None:
    member_client.post("/settings/uploads", {"privacy": "private", "expires": "P1W"})
    html = member_client.get("/").content.decode()
    assert '<option value="private" selected>' in html
    assert '<option value="P1W" selected>' in html

    # A form that says nothing of them, such as a script's, has them too.
    member_client.post("/upload", {"files": part("a.jpg", picture(20, 10))})
    silent = HostedFile.objects.get()
    assert silent.privacy == "private"
    assert silent.expires_at is not None
    assert silent.expires_at - silent.created_at > timedelta(days=6)

    form = {"files": part("b.jpg", picture(30, 10)), "privacy": "public", "expires": ""}
    member_client.post("/upload", form)
    values = HostedFile.objects.exclude(pk=silent.pk).get()
    assert (values.privacy, values.expires_at) == ("public", None)


def test_a_guest_has_no_say_in_privacy(client: Client, part: Part) -> None:
    """What is meant to be private is refused, never made public."""
    sent = {"files": part("a.jpg", picture(20, 10)), "privacy": "private"}
    assert client.post("/upload", sent).status_code == 403
    assert not HostedFile.objects.exists()
    client.post("/upload", {"files": part("a.jpg", picture(20, 10))})
    assert HostedFile.objects.get().privacy == "public"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("example.org", "example.org"),
        (" Pictures.Example.ORG. ", "pictures.example.org"),
        ("https://example.org/a/b?c", "example.org"),
        ("example.org:8080", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("", ""),
    ],
)
def test_a_domain_is_kept_as_the_net_spells_it(
    member_client: Client, member: User, text: str, kept: str
) -> None:
    assert member_client.post("/settings/domain", {"domain": text}).status_code == 302
    member.refresh_from_db()
    assert member.allowed_domain == kept


@pytest.mark.parametrize(
    "text", ["localhost", "10.0.0.1", "[::1]", "a b.org", "*.example.org", "x" * 70 + ".org", "@"]
)
def test_what_is_no_domain_is_refused(member_client: Client, member: User, text: str) -> None:
    answer = member_client.post("/settings/domain", {"domain": text})
    assert answer.context["form"].errors["domain"]
    member.refresh_from_db()
    assert member.allowed_domain == ""


def new_key(client: Client) -> str:
    """A key as a browser reads it from the page that shows it."""
    html = client.post("/settings/keys", {"name": "Mine", "kind": "live"}).content.decode()
    return html.split('id="new-key" value="')[1].split('"')[0]


def settings_with(client: Client, name: str, secret: str) -> Any:
    return client.post(f"/settings/keys/for/{name}", {"key": secret})


def test_sharex_gets_settings_with_the_key(member_client: Client) -> None:
    secret = new_key(member_client)
    answer = settings_with(member_client, "sharex", secret)
    body = json.loads(answer.content)
    assert answer["Content-Disposition"] == 'attachment; filename="vitrine.sxcu"'
    assert body["RequestURL"] == "http://testserver/api/1/upload"
    assert body["Headers"] == {"X-API-Key": secret}
    assert body["FileFormName"] == "source"


def test_what_the_settings_say_works_as_they_say_it(member_client: Client, part: Part) -> None:
    sharex = json.loads(settings_with(member_client, "sharex", new_key(member_client)).content)
    answer = Client().post(
        sharex["RequestURL"].removeprefix("http://testserver"),
        {sharex["FileFormName"]: part("a.jpg", picture(20, 10))},
        headers=sharex["Headers"],
    )
    body = answer.json()
    for place in (sharex["URL"], sharex["ThumbnailURL"], sharex["DeletionURL"]):
        value: Any = body
        for name in place.removeprefix("{json:").removesuffix("}").split("."):
            value = value[name]
        assert value.startswith("http://testserver/")


def test_picgo_gets_the_settings_of_its_web_uploader(member_client: Client) -> None:
    secret = new_key(member_client)
    body = json.loads(settings_with(member_client, "picgo", secret).content)
    uploader = body["picBed"]["web-uploader"]
    assert json.loads(uploader["customHeader"]) == {"X-API-Key": secret}
    assert uploader["jsonPath"] == "image.url"


def test_the_curl_script_is_one_that_a_shell_reads(member_client: Client) -> None:
    secret = new_key(member_client)
    script = settings_with(member_client, "curl", secret).content
    assert secret.encode() in script
    assert subprocess.run(["sh", "-n"], input=script, check=False).returncode == 0


def test_settings_are_made_of_ones_own_working_key_only(
    member_client: Client, stranger: User
) -> None:
    theirs = ApiKeyFactory(user=stranger).secret
    mine = new_key(member_client)
    for secret in (theirs, "", "live_nonsense", keys.guest_access().key):
        assert settings_with(member_client, "sharex", secret).status_code == 404
    member_client.post(f"/settings/keys/{ApiKey.objects.get(name='Mine').pk}/revoke")
    assert settings_with(member_client, "sharex", mine).status_code == 404
    assert settings_with(member_client, "unknown", mine).status_code == 404


def test_no_key_and_no_password_is_written_to_the_log(
    member_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = new_key(member_client)
    settings_with(member_client, "curl", secret)
    member_client.post("/settings/close", {"password": "a wrong guess"})
    # The database's own debug log shows every value; no site keeps it.
    written = [one.getMessage() for one in caplog.records if one.name != "django.db.backends"]
    assert not [line for line in written if secret in line or "a wrong guess" in line]


def exported(client: Client) -> zipfile.ZipFile:
    answer = client.post("/settings/data/export")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer)))  # type: ignore[arg-type]


def test_the_export_holds_files_and_their_metadata(member_client: Client, member: User) -> None:
    album = AlbumFactory(owner=member, name="Trip")
    file = HostedFileFactory(
        owner=member, title="Žuvis “a”", album=album, tags=["sea"], privacy="private",
        content=picture(33, 22),
    )  # fmt: skip
    HostedFileFactory(title="Not mine")
    secret = ApiKeyFactory(user=member).secret
    archive = exported(member_client)
    assert archive.testzip() is None
    (body,) = json.loads(archive.read("files.json"))
    assert body["title"] == "Žuvis “a”"
    assert (body["album"], body["tags"]) == (album.public_id, ["sea"])
    assert archive.read(body["path"]) == picture(33, 22)
    assert body["path"] == f"files/{file.path}"
    assert json.loads(archive.read("albums.json"))[0]["name"] == "Trip"
    (account,) = json.loads(archive.read("account.json"))
    assert account["username"] == member.username
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert secret.encode() not in everything
    assert member.password.encode() not in everything
    assert len([name for name in archive.namelist() if name.startswith("files/")]) == 1


def test_the_export_of_an_empty_account_is_whole(member_client: Client) -> None:
    archive = exported(member_client)
    assert json.loads(archive.read("files.json")) == []


def test_a_file_whose_bytes_are_gone_does_not_break_the_export(
    member_client: Client, member: User
) -> None:
    HostedFileFactory(owner=member, stored=False)
    kept = HostedFileFactory(owner=member)
    names = exported(member_client).namelist()
    assert [name for name in names if name.startswith("files/")] == [f"files/{kept.path}"]


def test_one_export_at_a_time(member_client: Client, member: User) -> None:
    pieces = export.export(member)
    next(pieces)
    answer = member_client.post("/settings/data/export", follow=True)
    assert "Your data is already being downloaded." in answer.content.decode()
    list(pieces)
    exported(member_client)


def test_an_account_goes_with_everything_and_nothing_of_anothers(
    member_client: Client,
    member: User,
    stranger: User,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    mine = HostedFileFactory(owner=member, album=AlbumFactory(owner=member))
    theirs = HostedFileFactory(owner=stranger)
    secret = ApiKeyFactory(user=member).secret
    Job.objects.create(owner=member, kind="compress")
    with django_capture_on_commit_callbacks(execute=True):
        answer = member_client.post("/settings/close", {"password": PASSWORD}, follow=True)
    assert "were deleted." in answer.content.decode()
    assert not User.objects.filter(pk=member.pk).exists()
    assert not Album.objects.exists()
    assert not Job.objects.exists()
    assert list(HostedFile.objects.all()) == [theirs]
    assert {path for _area, path in objects.walk()}.isdisjoint({mine.path})
    assert (objects.PUBLIC, theirs.path) in objects.walk()
    assert member_client.get("/dashboard").status_code == 302
    with pytest.raises(keys.InvalidKey):
        keys.identify(secret)


def test_a_closed_accounts_hearts_are_counted_no_more(
    member_client: Client, member: User, stranger: User
) -> None:
    liked, other = (HostedFileFactory(owner=stranger, stored=False) for _ in range(2))
    likes.like(member, liked)
    likes.like(stranger, liked)
    likes.like(stranger, other)
    member_client.post("/settings/close", {"password": PASSWORD})
    counts = dict(HostedFile.objects.values_list("pk", "likes"))
    assert counts == {liked.pk: 1, other.pk: 1}


def test_kept_answers_go_with_the_account_and_with_time(
    member_client: Client, member: User, stranger: User
) -> None:
    for user in (member, stranger):
        secret = ApiKeyFactory(user=user).secret
        for name in ("once", "twice"):
            headers = {"X-API-Key": secret, "Idempotency-Key": name}
            answer = Client().post(
                "/api/v2/albums", {"name": name}, "application/json", headers=headers
            )
            assert answer.status_code == 201
    assert Replay.objects.filter(owner=member).count() == 2
    member_client.post("/settings/close", {"password": PASSWORD})
    assert set(Replay.objects.values_list("owner", flat=True)) == {stranger.pk}
    old = Replay.objects.first()
    Replay.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    tasks.clear_replays()
    assert Replay.objects.count() == 1


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper()])
def test_a_wrong_password_deletes_nothing(
    member_client: Client, member: User, password: str
) -> None:
    answer = member_client.post("/settings/close", {"password": password})
    assert answer.status_code == 400
    assert User.objects.filter(pk=member.pk, is_active=True).exists()


def test_guessing_the_password_is_slow(member_client: Client, member: User) -> None:
    for _ in range(10):
        member_client.post("/settings/close", {"password": "wrong"})
    answer = member_client.post("/settings/close", {"password": PASSWORD})
    assert "Too many attempts" in answer.content.decode()
    assert User.objects.filter(pk=member.pk).exists()
    cache.clear()
    assert member_client.post("/settings/close", {"password": PASSWORD}).status_code == 302


def test_the_only_administrator_stays(client: Client) -> None:
    admin = UserFactory(is_superuser=True, is_staff=True)
    sign_in(client, admin)
    answer = client.post("/settings/close", {"password": PASSWORD})
    assert "only administrator" in answer.content.decode()
    admin.refresh_from_db()
    assert admin.is_active


def test_a_member_sees_his_sessions_and_ends_the_others(member: User) -> None:
    here, there = Client(), Client()
    form = {"login": member.username, "password": PASSWORD}
    for browser in (here, there):
        assert browser.post("/account/login/", form).status_code == 302
        assert browser.get("/dashboard").status_code == 200
    page = here.get("/account/sessions/", headers={"User-Agent": "Lynx"}).content.decode()
    assert page.count("127.0.0.1") == 2
    assert page.count("This browser") == 1
    here.post("/account/sessions/")
    assert here.get("/dashboard").status_code == 200
    assert there.get("/dashboard").status_code == 302
