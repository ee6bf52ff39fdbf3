"""What the admin shows of every noun, safely and without a query a row."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import keys
from accounts.models import Plan, Usage, User
from hosting.catalogue import search
from hosting.models import Album, Category, HostedFile, Job, PartialUpload, Tag
from hosting.storage import objects
from tests.factories import picture
from tests.hosting.admin.pages import (
    ALBUMS,
    CHARGED,
    FILES,
    HOSTILE,
    Committing,
    act,
    page_of,
    save,
    shown,
    stored,
)

pytestmark = pytest.mark.django_db


def everything(owner: User) -> list[Any]:
    """One row of every noun, with hostile text wherever people can write."""
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
        Job.objects.create(owner=owner, kind="compress", error_message=HOSTILE, result=file),
        PartialUpload.objects.create(
            owner=owner, length=9, metadata={"filename": HOSTILE}, expires_at=timezone.now()
        ),
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
    file = stored(alice, size=1536, views=7, width=800, height=600)

    html = client.get(FILES).content.decode()

    thumb = file.variants.get(name="thumb")
    assert f'src="/{thumb.path}"' in html
    for values in (file.title, "alice", "1.5\xa0KB", "800 x 600", "image, JPEG", "public"):
        assert values in html


def test_thumbnails_are_fetched_from_where_public_files_lie_and_guarded_ones_from_the_site(
    client: Client, boss: User, settings: Any
) -> None:
    settings.FILES_URL = "https://cdn.example.org"
    open_one = stored()
    closed_one = stored(is_approved=False, area=objects.GUARDED)

    html = client.get(FILES).content.decode()

    assert f'src="https://cdn.example.org/{open_one.variants.get(name="thumb").path}"' in html
    assert f'src="/{closed_one.variants.get(name="thumb").path}"' in html


def test_the_staff_see_the_pictures_of_closed_files(client: Client, boss: User) -> None:
    file = stored(is_approved=False, area=objects.GUARDED)

    assert client.get(f"/{file.path}").getvalue() == picture(64, 48)
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
            owner = User.objects.create_user(f"member-{User.objects.count()}")
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


def test_a_file_that_cannot_be_shown_any_more_has_no_broken_picture(
    client: Client, boss: User
) -> None:
    stored(expires_at=timezone.now() - timedelta(hours=1), area=objects.GUARDED)

    html = client.get(FILES).content.decode()

    assert "stored-picture" not in html
    assert "expired" in html


def test_nobody_adds_files_by_hand_nor_changes_what_the_site_measured(
    client: Client, boss: User, alice: User
) -> None:
    file = stored(alice)
    before = HostedFile.objects.get()

    assert client.get(f"{FILES}add/").status_code == 403
    editable = set(client.get(page_of(file)).context["adminform"].form.fields)
    assert editable == {
        "title", "description", "album", "category", "tags", "privacy", "is_approved", "nsfw",
        "expires_at", "kept_until", "is_360",
    }  # fmt: skip
    save(client, file, size=1, path="images/elsewhere.jpg", charged=0, views=99)
    file.refresh_from_db()
    assert (file.size, file.charged, file.views) == (before.size, CHARGED, 0)


def test_a_files_page_links_to_all_its_objects_and_its_view_page(
    client: Client, boss: User, alice: User
) -> None:
    file = stored(alice)

    html = client.get(page_of(file)).content.decode()

    for path in (file.path, *file.variants.values_list("path", flat=True)):
        assert f'href="/{path}"' in html
    assert f'href="{file.viewer_path}"' in html


def test_categories_and_tags_count_their_files_and_leave_them_when_deleted(
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


def test_files_are_found_by_a_tags_new_name_and_no_longer_by_its_old_one(
    client: Client, boss: User, django_capture_on_commit_callbacks: Committing
) -> None:
    file, other = stored(title="One"), stored(title="Two")
    tag = Tag.objects.create(name="harbour")
    for one in (file, other):
        one.tags.add(tag)
        search.index(one)

    def found(word: str) -> set[HostedFile]:
        return set(search.matching(HostedFile.objects.all(), word))

    assert found("harbour") == {file, other}
    with django_capture_on_commit_callbacks(execute=True):
        save(client, tag, name="quay")
    assert (found("harbour"), found("quay")) == (set(), {file, other})
    with django_capture_on_commit_callbacks(execute=True):
        act(client, "delete_selected", tag, post="yes")
    assert found("quay") == set()
    assert found("one") == {file}


@pytest.mark.usefixtures("boss")
def test_the_foot_tells_why_there_is_no_network(
    client: Client, tmp_path: Path, settings: Any
) -> None:
    settings.MODELS_DIR, settings.REMBG_MODEL = tmp_path, "u2net"
    (tmp_path / "u2net.onnx.state").write_text('{"reason": "There is no <room>."}')
    html = client.get(reverse("admin:index")).content.decode()
    assert "GrabCut" in html
    assert "There is no &lt;room&gt;." in html
