"""Moderating in the admin: finding files, closing and opening them, deleting them with every byte."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import keys
from accounts.models import Plan, Usage, User
from hosting import storage
from hosting.admin import HostedFileAdmin
from hosting.models import Album, Category, HostedFile, Tag, Variant

pytestmark = pytest.mark.django_db

FILES = "/admin/hosting/hostedfile/"
ALBUMS = "/admin/hosting/album/"
HOSTILE = "<script>alert('x')</script>"
BODY = b"bytes of a picture"

Committing = Callable[..., AbstractContextManager[Any]]
numbers = itertools.count(1)


def stored(owner: User | None = None, **more: Any) -> HostedFile:
    """A file with a thumbnail and a kept original, bytes and all, counted to its owner."""
    number = next(numbers)
    told: dict[str, Any] = {
        "owner": owner,
        "format": "jpeg",
        "path": f"images/2026/11/21/picture-{number}.jpg",
        "area": storage.PUBLIC,
        "size": len(BODY),
        "charged": len(BODY) if owner else 0,
        "width": 800,
        "height": 600,
        "md5": f"{number:032x}",
        "title": f"Picture {number}",
        **more,
    }
    file = HostedFile.objects.create(**told)
    storage.put(file.area, file.path, BODY)
    for name, area in (("thumb", file.area), (Variant.ORIGINAL, storage.GUARDED)):
        path = f"{file.path.removesuffix('.jpg')}.{name}.jpg"
        file.variants.create(name=name, format="jpeg", path=path, size=len(BODY))
        storage.put(area, path, BODY)
    if owner:
        User.objects.filter(pk=owner.pk).update(storage_used=F("storage_used") + file.charged)
    return file


def in_public(file: HostedFile) -> int:
    """How many of the file's objects lie where anybody is sent them."""
    return len([1 for area, path in storage.walk() if area == storage.PUBLIC and _of(file, path)])


def anywhere(file: HostedFile) -> int:
    """How many of the file's objects there are at all."""
    return len([1 for _, path in storage.walk() if _of(file, path)])


def _of(file: HostedFile, path: str) -> bool:
    return path.startswith(f"{file.path.removesuffix('.jpg')}.")


def page_of(thing: Any, purpose: str = "change") -> str:
    opts = thing._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{purpose}", args=[thing.pk])


def form_of(client: Client, thing: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send from the page of `thing` with these changes."""
    context = client.get(page_of(thing)).context
    form = context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    when = sent.pop("expires_at", None)
    sent |= {"expires_at_0": f"{when:%Y-%m-%d}", "expires_at_1": f"{when:%H:%M:%S}"} if when else {}
    for inline in context["inline_admin_formsets"]:
        sent |= {
            f"{inline.formset.prefix}-TOTAL_FORMS": "0",
            f"{inline.formset.prefix}-INITIAL_FORMS": "0",
        }
    sent |= changes
    return {name: value for name, value in sent.items() if value not in (None, False)}


def save(client: Client, thing: Any, **changes: Any) -> Any:
    return client.post(page_of(thing), form_of(client, thing, **changes))


def act(client: Client, name: str, *things: Any, **more: Any) -> Any:
    """Choose the action `name` for `things` in their list."""
    opts = things[0]._meta
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return client.post(
        url, {"action": name, "_selected_action": [t.pk for t in things], **more}, follow=True
    )


def shown(client: Client, query: str = "") -> set[HostedFile]:
    return set(client.get(f"{FILES}?{query}").context["cl"].result_list)


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice", "alice@example.org", "a password of hers")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def boss(client: Client) -> User:
    """An administrator, signed in."""
    user = User.objects.create_superuser("boss")
    client.force_login(user)
    return user


@pytest.fixture
def moderator(client: Client) -> User:
    """Somebody of the staff who may see and change files, signed in."""
    user = User.objects.create_user("moderator", is_staff=True)
    names = ["view_hostedfile", "change_hostedfile"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return user


def everything(owner: User) -> list[Any]:
    """One row of every noun, told in hostile words where people tell it."""
    album = Album.objects.create(owner=owner, name=HOSTILE, description=HOSTILE)
    file = stored(
        owner, title=HOSTILE, description=HOSTILE, album=album, original_filename=HOSTILE,
        exif={"Model": HOSTILE}, api_key=keys.create(owner, name=HOSTILE)[0],
    )  # fmt: skip
    stored(None)
    tag = Tag.objects.create(name="<b>sea")
    file.tags.add(tag)
    return [
        file, album, tag, owner, file.api_key, keys.guest_access(), Plan.objects.get(),
        Category.objects.create(name="<i>Sea", url_key="sea"),
        Usage.objects.create(user=owner, day=timezone.now().date(), metric="compressions"),
    ]  # fmt: skip


def test_every_list_and_page_opens_escapes_what_people_wrote_and_obeys_the_content_policy(
    client: Client, boss: User, alice: User
) -> None:
    things = everything(alice)
    pages = ["/admin/", *(page_of(thing) for thing in things)]
    pages += [page_of(thing, "history") for thing in things]
    pages += [page_of(thing, "delete") for thing in things[:4]]
    for model in admin.site._registry:
        opts = model._meta
        pages.append(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"))

    for page in pages:
        answer = client.get(page, follow=True)
        html = answer.content.decode()
        assert answer.status_code == 200, page
        assert "<script>alert" not in html, page
        assert "<b>sea" not in html, page
        assert "<i>Sea" not in html, page
        assert "default-src 'self'" in answer["Content-Security-Policy"], page
        # What that policy would stop: styles and scripts that stand in the page itself.
        assert not re.search(r"<style|\sstyle=|\son\w+=\"", html), page
        assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))", html), page


def test_hostile_titles_are_escaped_in_what_an_action_says(
    client: Client, boss: User, alice: User
) -> None:
    file = stored(alice, title=HOSTILE)

    asking = act(client, "delete_selected", file)
    done = act(client, "unapprove", file)

    assert b"<script>alert" not in asking.content + done.content
    assert b"&lt;script&gt;alert" in asking.content


def test_the_list_shows_a_thumbnail_and_what_a_moderator_needs(
    client: Client, boss: User, alice: User
) -> None:
    file = stored(alice, size=1536, views=7)

    html = client.get(FILES).content.decode()

    thumb = file.variants.get(name="thumb")
    assert f'src="/{thumb.path}"' in html
    for told in (file.title, "alice", "1.5\xa0KB", "800 x 600", "jpeg", "public"):
        assert told in html


def test_thumbnails_are_fetched_from_where_public_files_lie_and_guarded_ones_from_the_site(
    client: Client, boss: User, settings: Any
) -> None:
    settings.FILES_URL = "https://cdn.example.org"
    open_one = stored()
    closed_one = stored(is_approved=False, area=storage.GUARDED)

    html = client.get(FILES).content.decode()

    assert f'src="https://cdn.example.org/{open_one.variants.get(name="thumb").path}"' in html
    assert f'src="/{closed_one.variants.get(name="thumb").path}"' in html


def test_the_staff_see_the_pictures_of_closed_files(client: Client, boss: User) -> None:
    file = stored(is_approved=False, area=storage.GUARDED)

    assert client.get(f"/{file.path}").getvalue() == BODY
    assert Client().get(f"/{file.path}").status_code == 404


def test_a_list_of_fifty_files_asks_the_database_no_more_than_one_of_five(
    client: Client, boss: User, alice: User
) -> None:
    album = Album.objects.create(owner=alice, name="Sea")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(FILES).status_code == 200
        return len(asked)

    for _ in range(5):
        stored(alice, album=album)
    client.get(FILES)
    few = queries()
    for number in range(45):
        owner = User.objects.create_user(f"member-{number}")
        key = keys.create(owner, name="key")[0]
        stored(owner, api_key=key, album=Album.objects.create(owner=owner, name="Land"))

    assert queries() == few
    assert few <= 16


def test_lists_of_members_albums_and_tags_ask_the_database_once_for_all_rows(
    client: Client, boss: User
) -> None:
    lists = ("/admin/accounts/user/", ALBUMS, "/admin/hosting/tag/", "/admin/accounts/apikey/")

    def grow(count: int) -> None:
        for _ in range(count):
            owner = User.objects.create_user(f"member-{next(numbers)}")
            keys.create(owner, name="key")
            parent = Album.objects.create(owner=owner, name="Earth")
            file = stored(owner, album=Album.objects.create(owner=owner, name="Sea", parent=parent))
            file.tags.add(Tag.objects.create(name=f"tag {file.pk}"))

    def queries(page: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        return len(asked)

    grow(3)
    few = {page: queries(page) for page in lists}
    grow(20)

    assert {page: queries(page) for page in lists} == few


def test_files_are_found_by_owner_sender_format_state_and_expiry(
    client: Client, boss: User, alice: User
) -> None:
    soon, later = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(days=9)
    hers = stored(alice)
    guests = stored(None, format="png", nsfw=True, expires_at=soon)
    rejected = stored(alice, is_approved=False, expires_at=later, privacy="private")
    video = stored(alice, kind="video", format="mp4", is_test=True)
    gone = stored(alice, expires_at=timezone.now() - timedelta(days=1))

    assert shown(client) == {hers, guests, rejected, video, gone}
    assert shown(client, "owner=ALICE&expiry=never") == {hers, video}
    assert shown(client, "owner=nobody") == set()
    assert shown(client, "sender=guests") == {guests}
    assert shown(client, "sender=members") == {hers, rejected, video, gone}
    assert shown(client, "format=png") == {guests}
    assert shown(client, "kind__exact=video") == {video}
    assert shown(client, "privacy__exact=private") == {rejected}
    assert shown(client, "is_approved__exact=0") == {rejected}
    assert shown(client, "nsfw__exact=1") == {guests}
    assert shown(client, "is_test__exact=1") == {video}
    assert shown(client, "expiry=day") == {guests}
    assert shown(client, "expiry=some") == {guests, rejected, gone}
    assert shown(client, "expiry=past") == {gone}


def test_typing_an_owners_name_keeps_the_other_filters_and_the_search(
    client: Client, boss: User, alice: User
) -> None:
    stored(alice)

    html = client.get(f"{FILES}?kind__exact=image&q=Picture&owner=alice").content.decode()

    typed = re.search(r'<form method="get" class="typed-filter">.*?</form>', html, re.S)
    assert typed is not None
    assert '<input type="hidden" name="kind__exact" value="image">' in typed[0]
    assert '<input type="hidden" name="q" value="Picture">' in typed[0]
    assert 'name="owner" value="alice"' in typed[0]


@pytest.mark.parametrize(
    ("field", "value", "query"),
    [
        ("title", "Sunrise over the sea", "over+SEA+sunrise"),
        ("description", "taken at dawn", "dawn"),
        ("original_filename", "DSC_4711.JPG", "dsc_4711"),
        ("public_id", "AbCdEfGhIjK", "AbCdEfGhIjK"),
        ("uploader_ip", "192.0.2.7", "192.0.2."),
        ("md5", "9e107d9d372bb6826bd81d3542a419d6", "9e107d9d372bb6826bd81d3542a419d6"),
    ],
)
def test_files_are_found_by_what_is_known_of_them(
    client: Client, boss: User, field: str, value: str, query: str
) -> None:
    stored()
    wanted = stored(**{field: value})

    assert shown(client, f"q={query}") == {wanted}


def test_files_are_found_by_their_owners_name(client: Client, boss: User, alice: User) -> None:
    stored()
    hers = stored(alice)

    assert shown(client, "q=alice") == {hers}


def test_a_file_that_cannot_be_shown_any_more_has_no_broken_picture(
    client: Client, boss: User
) -> None:
    stored(expires_at=timezone.now() - timedelta(hours=1), area=storage.GUARDED)

    html = client.get(FILES).content.decode()

    assert "stored-picture" not in html
    assert "expired" in html


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


def test_nobody_adds_files_by_hand_nor_changes_what_the_site_measured(
    client: Client, boss: User, alice: User
) -> None:
    file = stored(alice)

    assert client.get(f"{FILES}add/").status_code == 403
    editable = set(client.get(page_of(file)).context["adminform"].form.fields)
    assert editable == {
        "title", "description", "album", "category", "tags", "privacy", "is_approved", "nsfw",
        "expires_at", "is_360",
    }  # fmt: skip
    save(client, file, size=1, path="images/elsewhere.jpg", charged=0, views=99)
    file.refresh_from_db()
    assert (file.size, file.charged, file.views) == (len(BODY), len(BODY), 0)


def test_a_files_page_links_to_all_its_objects_and_its_view_page(
    client: Client, boss: User, alice: User
) -> None:
    file = stored(alice)

    html = client.get(page_of(file)).content.decode()

    for path in (file.path, *file.variants.values_list("path", flat=True)):
        assert f'href="/{path}"' in html
    assert f'href="{file.viewer_path}"' in html


def test_deleting_one_file_takes_every_byte_and_gives_the_owner_the_room_back(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    file, other = stored(alice), stored(alice)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(file, "delete"), {"post": "yes"})

    alice.refresh_from_db()
    assert list(HostedFile.objects.all()) == [other]
    assert (anywhere(file), anywhere(other)) == (0, 3)
    assert alice.storage_used == other.charged


def test_deleting_many_files_takes_every_byte_of_each(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    files = [stored(alice) for _ in range(5)]

    with django_capture_on_commit_callbacks(execute=True):
        act(client, "delete_selected", *files[:4], post="yes")

    alice.refresh_from_db()
    assert list(HostedFile.objects.all()) == files[4:]
    assert [anywhere(file) for file in files] == [0, 0, 0, 0, 3]
    assert alice.storage_used == files[4].charged


def test_deleting_all_that_is_found_goes_beyond_what_one_page_shows(
    client: Client, boss: User, alice: User
) -> None:
    HostedFile.objects.bulk_create(
        HostedFile(owner=alice, format="jpeg", path=f"images/{n}.jpg", size=1) for n in range(450)
    )
    one = HostedFile.objects.all()[0]

    asking = act(client, "delete_selected", one, select_across=1)
    assert b"and 400 more" in asking.content
    act(client, "delete_selected", one, select_across=1, post="yes")

    assert HostedFile.objects.count() == 0


def test_deleting_an_album_says_how_much_goes_and_takes_it_all(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    album = Album.objects.create(owner=alice, name="Sea")
    inner = Album.objects.create(owner=alice, name="Shore", parent=album)
    files = [stored(alice, album=album), stored(alice, album=inner)]
    kept = stored(alice)

    asking = client.get(page_of(album, "delete"))
    assert dict(asking.context["model_count"]) == {"albums": 2, "files": 2}
    with django_capture_on_commit_callbacks(execute=True):
        act(client, "delete_selected", album, inner, post="yes")

    alice.refresh_from_db()
    assert not Album.objects.exists()
    assert list(HostedFile.objects.all()) == [kept]
    assert [anywhere(file) for file in files] == [0, 0]
    assert alice.storage_used == kept.charged


def test_albums_are_not_deleted_by_who_may_not_delete_the_files_in_them(
    client: Client, moderator: User, alice: User
) -> None:
    names = ["view_album", "delete_album"]
    moderator.user_permissions.add(*Permission.objects.filter(codename__in=names))
    album = Album.objects.create(owner=alice, name="Sea")
    file = stored(alice, album=album)

    assert client.get(page_of(album, "delete")).context["perms_lacking"] == {"file"}
    assert client.post(page_of(album, "delete"), {"post": "yes"}).status_code == 403
    assert HostedFile.objects.filter(pk=file.pk).exists()


def test_a_moderator_who_may_only_change_approves_but_never_deletes_bans_or_revokes(
    client: Client, moderator: User, alice: User
) -> None:
    file = stored(alice, is_approved=False, area=storage.GUARDED)
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
    assert alice.is_active
    assert key.revoked_at is None
    assert b"shore" not in client.get(page_of(file)).content
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
    assert (alice.is_active, boss.is_active) == (False, True)
    assert not browser.login(username="alice", password="a password of hers")
    with pytest.raises(keys.InvalidKey):
        keys.identify(secret)


def test_the_keys_that_files_came_with_are_revoked_from_the_list_of_files(
    client: Client, boss: User, alice: User
) -> None:
    key, secret = keys.create(alice, name="stolen")
    _, other = keys.create(alice, name="kept")

    act(client, "revoke_keys", stored(alice, api_key=key), stored(alice, api_key=key), stored())

    assert keys.identify(other).user == alice
    with pytest.raises(keys.InvalidKey):
        keys.identify(secret)


def test_categories_and_tags_tell_how_many_files_they_hold_and_leave_them_when_they_go(
    client: Client, boss: User, django_capture_on_commit_callbacks: Committing
) -> None:
    category, tag = (
        Category.objects.create(name="Sea", url_key="sea"),
        Tag.objects.create(name="blue"),
    )
    Category.objects.create(name="Land", url_key="land")
    for _ in range(2):
        stored(category=category).tags.add(tag)

    for noun, filtered in (("category", "category__id__exact"), ("tag", "tags__id__exact")):
        thing = category if noun == "category" else tag
        html = client.get(f"/admin/hosting/{noun}/").content.decode()
        assert f'href="{FILES}?{filtered}={thing.pk}">2 files</a>' in html
        assert len(shown(client, f"{filtered}={thing.pk}")) == 2
        with django_capture_on_commit_callbacks(execute=True):
            act(client, "delete_selected", thing, post="yes")

    assert not Tag.objects.exists()
    assert HostedFile.objects.filter(category=None).count() == 2


def test_tags_made_by_hand_follow_the_rules_of_all_tags(client: Client, boss: User) -> None:
    assert client.post("/admin/hosting/tag/add/", {"name": "  deep   sea "}).status_code == 302
    assert client.post("/admin/hosting/tag/add/", {"name": "a/b"}).status_code == 200
    assert client.post("/admin/hosting/tag/add/", {"name": "   "}).status_code == 200

    assert [tag.name for tag in Tag.objects.all()] == ["deep sea"]
