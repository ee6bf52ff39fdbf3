"""The list of a member's files, editing one, and doing something to many."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hosting.models import HostedFile, Tag
from hosting.storage import objects
from tests.factories import AlbumFactory, CategoryFactory, HostedFileFactory, picture
from tests.web.conftest import HOSTILE_TITLES

pytestmark = pytest.mark.django_db
Page = Callable[..., str]


def form_of(file: HostedFile, **context: str) -> dict[str, str]:
    """What a browser sends of the edit page, with these fields changed."""
    return {"title": file.title, "privacy": file.privacy, "expires": "keep", **context}


def test_the_list_shows_the_members_files_and_nobody_elses(page: Page, file: HostedFile) -> None:
    theirs = HostedFileFactory(title="Not mine")
    html = page("/dashboard")
    assert "Harbour" in html
    assert theirs.title not in html


def test_an_empty_list_asks_for_nothing(page: Page) -> None:
    assert 'class="filters"' not in page("/dashboard")
    assert 'class="filters"' in page("/dashboard", q="harbour")


def test_the_list_narrows_to_kind_album_and_tag(page: Page, member: User) -> None:
    album = AlbumFactory(owner=member, name="Trip")
    HostedFileFactory(owner=member, title="Aaa", album=album)
    HostedFileFactory(owner=member, title="Bbb", kind="video")
    HostedFileFactory(owner=member, title="Ccc", tags=["sea"])
    HostedFileFactory(owner=member, title="Ddd", kind="document", format="pdf")

    def shown(**query: str) -> set[str]:
        html = page("/dashboard", **query)
        return {one for one in ("Aaa", "Bbb", "Ccc", "Ddd") if one in html}

    assert shown(album=album.public_id) == {"Aaa"}
    assert shown(album="none") == {"Bbb", "Ccc", "Ddd"}
    assert shown(kind="videos") == {"Bbb"}
    assert shown(kind="documents") == {"Ddd"}
    assert shown(tag="sea") == {"Ccc"}
    assert shown(kind="nonsense", sort="nonsense") == {"Aaa", "Bbb", "Ccc", "Ddd"}


def test_pages_hold_each_file_once_in_any_order(page: Page, member: User) -> None:
    for number in range(60):
        HostedFileFactory(owner=member, title=f"n{number:02d}.", size=number + 1, stored=False)
    first = page("/dashboard", sort="largest", view="list")
    cursor = first.split("cursor=")[1].split('"')[0]
    second = page("/dashboard", sort="largest", view="list", cursor=cursor)
    on_first = [number for number in range(60) if f"n{number:02d}." in first]
    on_second = [number for number in range(60) if f"n{number:02d}." in second]
    assert on_first == list(range(12, 60))
    assert on_second == list(range(12))


def test_a_cursor_that_is_none_is_no_page(member_client: Client) -> None:
    assert member_client.get("/dashboard", {"cursor": "x"}).status_code == 404


def test_the_list_asks_a_fixed_number_of_queries(
    member_client: Client, member: User, django_assert_max_num_queries: Callable
) -> None:
    for number in range(30):
        HostedFileFactory(owner=member, stored=False, tags=[f"t{number}"])
    with django_assert_max_num_queries(10):
        member_client.get("/dashboard")


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_a_hostile_title_is_only_text(page: Page, member: User, title: str) -> None:
    file = HostedFileFactory(owner=member, title=title)
    for html in (page("/dashboard"), page(f"/dashboard/files/{file.public_id}")):
        assert "<script>alert" not in html
        assert '" onload=' not in html


def test_editing_changes_every_field(member_client: Client, member: User, file: HostedFile) -> None:
    album, category = AlbumFactory(owner=member), CategoryFactory()
    answer = member_client.post(
        f"/dashboard/files/{file.public_id}",
        {
            "title": "  Old   harbour ",
            "description": "By night",
            "tags": "sea, boats,, sea ",
            "album": album.public_id,
            "category": category.url_key,
            "privacy": "private",
            "expires": "P1D",
            "nsfw": "on",
        },
    )
    assert answer.status_code == 302
    file.refresh_from_db()
    assert file.title == "Old harbour"
    assert file.description == "By night"
    assert {tag.name for tag in file.tags.all()} == {"sea", "boats"}
    assert (file.album, file.category) == (album, category)
    assert file.privacy == "private"
    assert file.nsfw
    assert file.expires_at
    assert abs(file.expires_at - timezone.now() - timedelta(days=1)) < timedelta(hours=1)


def test_saving_unchanged_keeps_the_time_of_deletion(member_client: Client, member: User) -> None:
    ends = timezone.now() + timedelta(days=3)
    file = HostedFileFactory(owner=member, expires_at=ends)
    member_client.post(f"/dashboard/files/{file.public_id}", form_of(file))
    file.refresh_from_db()
    assert file.expires_at == ends
    member_client.post(f"/dashboard/files/{file.public_id}", form_of(file, expires=""))
    file.refresh_from_db()
    assert file.expires_at is None


def test_a_closed_file_leaves_the_public_area(
    member_client: Client, file: HostedFile, django_capture_on_commit_callbacks: Callable
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        member_client.post(f"/dashboard/files/{file.public_id}", form_of(file, privacy="private"))
    assert not objects.files().exists(f"public/{file.path}")
    assert objects.files().exists(f"guarded/{file.path}")


@pytest.mark.parametrize("tags", ["a/b", "#", ", ".join(f"w{n}" for n in range(31))])
def test_invalid_tags_are_reported_beside_the_field(
    member_client: Client, file: HostedFile, tags: str
) -> None:
    answer = member_client.post(f"/dashboard/files/{file.public_id}", form_of(file, tags=tags))
    assert answer.status_code == 200
    assert answer.context["form"].errors["tags"]
    assert not Tag.objects.exists()


def test_another_members_album_is_no_choice(member_client: Client, file: HostedFile) -> None:
    theirs = AlbumFactory()
    answer = member_client.post(
        f"/dashboard/files/{file.public_id}", form_of(file, album=theirs.public_id)
    )
    assert answer.context["form"].errors["album"]
    file.refresh_from_db()
    assert file.album is None


def test_back_leads_to_the_list_and_nowhere_else(member_client: Client, file: HostedFile) -> None:
    path = f"/dashboard/files/{file.public_id}"
    for back, leads in {
        "/dashboard?kind=images": "/dashboard?kind=images",
        "//evil.example/dashboard": "/dashboard",
        "https://evil.example": "/dashboard",
        "/dashboard/../admin": "/dashboard",
        "javascript:alert(1)": "/dashboard",
    }.items():
        assert f'href="{leads}"' in member_client.get(f"{path}?back={quote(back)}").content.decode()
        answer = member_client.post(path, form_of(file, back=back))
        assert answer["Location"] == leads


def test_nothing_happens_to_a_selection_before_it_is_confirmed(
    member_client: Client, file: HostedFile
) -> None:
    for action in ("delete", "change"):
        answer = member_client.post(
            "/dashboard/selection", {"action": action, "file": [file.public_id]}
        )
        assert answer.status_code == 200
        assert file.title in answer.content.decode()
    file.refresh_from_db()
    assert file.privacy == "public"


def test_an_empty_selection_says_so(member_client: Client) -> None:
    answer = member_client.post("/dashboard/selection", {"action": "delete"}, follow=True)
    assert "Select at least one file first." in answer.content.decode()


def test_an_unknown_action_is_not_there(member_client: Client, file: HostedFile) -> None:
    form = {"action": "explode", "file": [file.public_id]}
    assert member_client.post("/dashboard/selection", form).status_code == 404


def test_many_files_are_deleted_with_their_bytes_and_give_room_back(
    member_client: Client, member: User, django_capture_on_commit_callbacks: Callable
) -> None:
    files = [HostedFileFactory(owner=member, charged=100) for _ in range(3)]
    User.objects.filter(pk=member.pk).update(storage_used=300)
    form = {"action": "delete", "confirmed": "1", "file": [one.public_id for one in files[:2]]}
    with django_capture_on_commit_callbacks(execute=True):
        answer = member_client.post("/dashboard/selection", form, follow=True)
    assert "2 files were deleted." in answer.content.decode()
    assert list(HostedFile.objects.all()) == [files[2]]
    assert not objects.files().exists(f"public/{files[0].path}")
    member.refresh_from_db()
    assert member.storage_used == 100


def test_a_selection_changes_only_what_was_said(member_client: Client, member: User) -> None:
    album = AlbumFactory(owner=member)
    one = HostedFileFactory(owner=member, tags=["sea", "old"], nsfw=True)
    two = HostedFileFactory(owner=member, tags=["sky"], title="Kept")
    member_client.post(
        "/dashboard/selection",
        {
            "action": "change",
            "confirmed": "1",
            "file": [one.public_id, two.public_id],
            "album": album.public_id,
            "category": "keep",
            "add_tags": "new",
            "remove_tags": "old",
            "privacy": "unlisted",
            "nsfw": "keep",
            "expires": "keep",
        },
    )
    for file, names in ((one, {"sea", "new"}), (two, {"sky", "new"})):
        file.refresh_from_db()
        assert file.album == album
        assert file.privacy == "unlisted"
        assert {tag.name for tag in file.tags.all()} == names
    assert one.nsfw
    assert not two.nsfw
    assert two.title == "Kept"


def test_a_form_that_says_nothing_changes_nothing(member_client: Client, member: User) -> None:
    album = AlbumFactory(owner=member)
    ends = timezone.now() + timedelta(days=1)
    file = HostedFileFactory(owner=member, album=album, nsfw=True, expires_at=ends, tags=["sea"])
    form = {"action": "change", "confirmed": "1", "file": [file.public_id]}
    member_client.post("/dashboard/selection", form)
    file.refresh_from_db()
    assert (file.album, file.nsfw, file.expires_at) == (album, True, ends)
    assert [tag.name for tag in file.tags.all()] == ["sea"]


def as_shown(html: str) -> dict[str, str]:
    """What a browser sends of the page's choices when nothing on it is touched."""
    sent = {}
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', html, re.DOTALL):
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        sent[name] = next((value for value, chosen in values if chosen), values[0][0])
    return sent


def test_a_confirming_page_that_is_sent_as_it_came_changes_nothing(
    member_client: Client, member: User
) -> None:
    ends = timezone.now() + timedelta(days=1)
    album, category = AlbumFactory(owner=member), CategoryFactory()
    file = HostedFileFactory(
        owner=member, album=album, category=category, nsfw=True, expires_at=ends, privacy="private"
    )
    form = {"action": "change", "file": [file.public_id]}
    shown = as_shown(member_client.post("/dashboard/selection", form).content.decode())
    assert shown.keys() == {"album", "category", "privacy", "nsfw", "expires"}
    member_client.post("/dashboard/selection", {**form, **shown, "confirmed": "1"})
    file.refresh_from_db()
    assert (file.album, file.category, file.nsfw) == (album, category, True)
    assert (file.expires_at, file.privacy) == (ends, "private")


def test_an_edit_page_that_is_sent_as_it_came_changes_nothing(
    member_client: Client, member: User
) -> None:
    ends = timezone.now() + timedelta(days=1)
    album = AlbumFactory(owner=member)
    file = HostedFileFactory(owner=member, album=album, expires_at=ends, privacy="unlisted")
    path = f"/dashboard/files/{file.public_id}"
    member_client.post(path, as_shown(member_client.get(path).content.decode()))
    file.refresh_from_db()
    assert (file.album, file.expires_at, file.privacy) == (album, ends, "unlisted")


def test_a_file_with_too_many_tags_is_named_and_the_others_are_changed(
    member_client: Client, member: User
) -> None:
    full = HostedFileFactory(owner=member, title="Full", tags=[f"w{n}" for n in range(30)])
    other = HostedFileFactory(owner=member)
    form = {"action": "change", "confirmed": "1", "add_tags": "one more"}
    answer = member_client.post(
        "/dashboard/selection", {**form, "file": [full.public_id, other.public_id]}, follow=True
    )
    html = answer.content.decode()
    assert "1 file was updated." in html
    assert "Full: A file can have at most 30 tags." in html
    assert other.tags.count() == 1


def test_a_selection_is_downloaded_as_one_zip(member_client: Client, member: User) -> None:
    files = [
        HostedFileFactory(owner=member, title="Same", content=picture(10 + n, 10)) for n in range(2)
    ]
    answer = member_client.post(
        "/dashboard/selection", {"action": "download", "file": [one.public_id for one in files]}
    )
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:  # type: ignore[arg-type]
        assert archive.testzip() is None
        contents = {archive.read(name) for name in archive.namelist()}
    assert contents == {picture(10, 10), picture(11, 10)}
    assert answer["Content-Disposition"].startswith("attachment")
