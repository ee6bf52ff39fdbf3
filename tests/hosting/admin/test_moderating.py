"""Closing and opening files in the admin: their bytes move with what is said of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from accounts import keys
from accounts.errors import AccountSuspended, InvalidKey
from accounts.models import User
from hosting.admin import HostedFileAdmin
from hosting.models import Album, AuditEntry, HostedFile
from hosting.storage import objects
from tests.hosting.admin.pages import (
    FILES,
    Committing,
    act,
    form_of,
    in_public,
    page_of,
    save,
    stored,
)

pytestmark = pytest.mark.django_db


def test_rejecting_takes_the_bytes_out_of_everybodys_reach_and_approving_puts_them_back(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    file = stored(alice)
    assert in_public(file) == 2

    act(client, "unapprove", file)
    assert in_public(file) == 0
    assert Client().get(f"/{file.path}").status_code == 404

    with django_capture_on_commit_callbacks(execute=True):
        act(client, "approve", file)
    file.refresh_from_db()
    assert file.is_approved
    # The original stays its owner's alone.
    assert in_public(file) == 2
    assert Client().get(f"/{file.path}").status_code == 200


def test_marking_as_nsfw_and_safe_changes_the_mark_and_nothing_else(
    client: Client, boss: User
) -> None:
    file = stored()

    act(client, "mark_nsfw", file)
    file.refresh_from_db()
    assert file.nsfw

    act(client, "mark_safe", file)
    file.refresh_from_db()
    assert not file.nsfw
    assert file.is_approved
    assert in_public(file) == 2


def test_what_moderators_did_stands_in_the_files_history(client: Client, boss: User) -> None:
    file = stored()

    act(client, "unapprove", file)

    assert b"is_approved" in client.get(page_of(file, "history")).content


@pytest.mark.parametrize(
    "change",
    [
        {"privacy": "private"},
        {"is_approved": ""},
        {"expires_at_0": "2099-01-01", "expires_at_1": "00:00"},
    ],
)
def test_saving_a_file_as_closed_moves_its_bytes_and_saving_it_open_moves_them_back(
    client: Client,
    boss: User,
    alice: User,
    django_capture_on_commit_callbacks: Committing,
    change: dict[str, str],
) -> None:
    file = stored(alice)

    assert save(client, file, **change).status_code == 302
    assert in_public(file) == 0

    back = {"privacy": "public", "is_approved": "on", "expires_at_0": "", "expires_at_1": ""}
    with django_capture_on_commit_callbacks(execute=True):
        assert save(client, file, **back).status_code == 302
    assert in_public(file) == 2


def test_a_file_put_into_a_private_album_is_closed_with_it(
    client: Client, boss: User, alice: User
) -> None:
    file = stored(alice)
    album = Album.objects.create(owner=alice, name="Mine", privacy="private")

    assert save(client, file, album=album.pk).status_code == 302

    assert in_public(file) == 0


def test_a_file_cannot_be_put_into_somebody_elses_album(
    client: Client, boss: User, alice: User, bob: User
) -> None:
    file, guests = stored(alice), stored(None)
    album = Album.objects.create(owner=bob, name="His")

    for one in (file, guests):
        answer = save(client, one, album=album.pk)
        assert answer.status_code == 200
        assert "album" in answer.context["adminform"].form.errors
        one.refresh_from_db()
        assert one.album is None


def test_no_album_is_deleted_by_a_cross_beside_its_name(
    client: Client, boss: User, alice: User
) -> None:
    file = stored(alice, album=Album.objects.create(owner=alice, name="Sea"))

    assert b"delete_id_album" not in client.get(page_of(file)).content


def test_a_password_that_does_not_exist_is_never_asked_for(
    client: Client, boss: User, alice: User
) -> None:
    file, album = stored(alice), Album.objects.create(owner=alice, name="Mine")

    for one in (file, album):
        answer = save(client, one, privacy="password")
        assert answer.status_code == 200
        assert "privacy" in answer.context["adminform"].form.errors


def test_closing_an_album_closes_its_files_and_opening_it_opens_them(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    album = Album.objects.create(owner=alice, name="Mine")
    files = [stored(alice, album=album) for _ in range(3)]

    with django_capture_on_commit_callbacks(execute=True):
        assert save(client, album, privacy="private").status_code == 302
    assert [in_public(file) for file in files] == [0, 0, 0]

    with django_capture_on_commit_callbacks(execute=True):
        save(client, album, privacy="unlisted")
    assert [in_public(file) for file in files] == [2, 2, 2]


def test_views_counted_while_a_moderator_saves_are_kept(
    client: Client, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = stored()
    sent = form_of(client, file, title="A better title")
    load = HostedFileAdmin.get_object

    def load_and_be_seen(*args: Any) -> Any:
        found = load(*args)
        HostedFile.objects.update(views=F("views") + 1)
        return found

    monkeypatch.setattr(HostedFileAdmin, "get_object", load_and_be_seen)
    assert client.post(page_of(file), sent).status_code == 302

    file.refresh_from_db()
    assert (file.title, file.views) == ("A better title", 1)


def test_a_moderator_who_may_only_change_approves_but_never_deletes_bans_or_revokes(
    client: Client, moderator: User, alice: User
) -> None:
    file = stored(alice, is_approved=False, area=objects.GUARDED)
    key = keys.create(alice, name="key")[0]
    HostedFile.objects.update(api_key=key)

    act(client, "approve", file)
    for name in ("delete_selected", "ban_owners", "revoke_keys"):
        act(client, name, file, post="yes")
    deleting = client.post(page_of(file, "delete"), {"post": "yes"})

    file.refresh_from_db()
    alice.refresh_from_db()
    key.refresh_from_db()
    assert file.is_approved
    assert deleting.status_code == 403
    assert alice.suspended_at is None
    assert key.revoked_at is None
    assert client.get("/admin/accounts/user/").status_code == 403


def test_the_staff_without_permissions_see_no_files(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))

    assert client.get(FILES).status_code == 403


def test_banning_the_owners_shuts_members_and_their_keys_out_and_leaves_the_staff(
    client: Client, boss: User, alice: User
) -> None:
    secret = keys.create(alice, name="key")[1]
    hers, guests, staffs = stored(alice), stored(None), stored(boss)
    browser = Client()
    browser.force_login(alice)

    act(client, "ban_owners", hers, guests, staffs)

    alice.refresh_from_db()
    boss.refresh_from_db()
    assert (alice.suspended_at is None, boss.suspended_at is None) == (False, True)
    assert browser.get("/dashboard").headers["Location"] == "/settings/notices"
    with pytest.raises(AccountSuspended):
        keys.identify(secret)


def test_the_keys_that_files_came_with_are_revoked_from_the_list_of_files(
    client: Client, boss: User, alice: User
) -> None:
    key, secret = keys.create(alice, name="stolen")
    _, other = keys.create(alice, name="kept")

    act(client, "revoke_keys", stored(alice, api_key=key), stored(alice, api_key=key), stored())

    assert keys.identify(other).user == alice
    with pytest.raises(InvalidKey):
        keys.identify(secret)


def test_what_is_edited_in_the_admin_is_in_the_audit_log(client: Client, boss: User) -> None:
    file = stored(title="Dunes")

    save(client, file, title="Sand", nsfw=True)

    entry = AuditEntry.objects.get(action="edit")
    assert (entry.actor, entry.subject) == (boss, file.public_id)
    assert entry.before == {"nsfw": "False", "title": "Dunes"}
    assert entry.after == {"nsfw": "True", "title": "Sand"}
