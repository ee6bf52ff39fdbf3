"""The first page, and uploading with its form."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.keys import guest_access
from accounts.models import User
from hosting.models import HostedFile, Privacy
from tests import pictures
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory
from tests.web.conftest import HOSTILE_TITLES


def text(response: Any) -> str:
    return response.content.decode()


def test_a_guest_sees_the_form_and_what_is_public(client: Client) -> None:
    HostedFileFactory(title="For all", medium=True)
    HostedFileFactory(title="For few", privacy=Privacy.PRIVATE, owner=UserFactory())
    HostedFileFactory(title="By a test key", is_test=True)
    page = text(client.get("/"))
    assert 'type="file"' in page
    assert "multiple" in page
    assert "For all" in page
    assert "For few" not in page
    assert "By a test key" not in page
    assert 'width="500" height="375"' in page


def test_formats_and_sizes_are_worded_in_one_way(client: Client, part: Any) -> None:
    access = guest_access()
    access.file_limit = 2_621_440
    access.save()
    spanish = {"Accept-Language": "es"}
    page = text(client.get("/", headers=spanish))
    formats = "JPEG, PNG, GIF, WebP, AVIF, BMP, TIFF, HEIC, SVG, MP4, WebM, MOV"
    assert formats in page
    assert "2,5\N{NO-BREAK SPACE}MB" in page
    assert not re.search(r"2\.5\s?MB", page)
    assert "2.5\N{NO-BREAK SPACE}MB" in text(client.get("/"))
    broken = client.post("/upload", {"files": part("a.jpg", b"nothing")}, headers=spanish)
    assert f"({formats})" in text(broken)


def test_nothing_on_the_page_needs_an_inline_script_or_style(client: Client) -> None:
    HostedFileFactory(nsfw=True)
    response = client.get("/")
    assert "default-src 'self'" in response["Content-Security-Policy"]
    page = text(response)
    assert "style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert "onclick" not in page


def test_where_guests_are_shut_out_they_are_asked_to_sign_in(client: Client) -> None:
    access = guest_access()
    access.enabled = False
    access.save()
    page = text(client.get("/"))
    assert 'type="file"' not in page
    assert "/account/login/" in page


def test_where_guests_are_shut_out_their_upload_is_refused(client: Client, part: Any) -> None:
    access = guest_access()
    access.enabled = False
    access.save()
    answer = client.post("/upload", {"files": part("a.jpg", pictures.jpeg())})
    assert answer.status_code == 403
    assert "Only members can upload" in text(answer)
    assert not HostedFile.objects.exists()


def test_members_may_name_an_address_and_guests_only_where_they_may(
    client: Client, member_client: Client
) -> None:
    assert 'name="url"' in text(member_client.get("/"))
    assert 'name="url"' not in text(client.get("/"))
    access = guest_access()
    access.url_uploads = True
    access.save()
    assert 'name="url"' in text(client.get("/"))


def test_a_guest_uploads_and_gets_every_link(client: Client, part: Any) -> None:
    answer = client.post("/upload", {"files": part("My cat.jpg", pictures.jpeg(800, 600))})
    assert answer.status_code == 200
    file = HostedFile.objects.get()
    page = text(answer)
    assert file.title == "My cat"
    assert file.owner is None
    assert file.viewer_path in page
    assert f"{file.short_path}/delete/" in page
    assert f"[img]http://testserver/{file.path}[/img]" in page
    assert "no-store" in answer["Cache-Control"]


def test_what_the_options_say_is_kept(member_client: Client, member: User, part: Any) -> None:
    album = AlbumFactory(owner=member)
    form = {"title": "  A\n title ", "nsfw": "on", "expires": "P1D", "album": album.public_id}
    member_client.post("/upload", {"files": part("a.png", pictures.png()), **form})
    file = HostedFile.objects.get()
    assert (file.title, file.nsfw, file.album, file.owner) == ("A title", True, album, member)
    assert file.expires_at is not None
    assert round((file.expires_at - file.created_at).total_seconds() / 3600) == 24


@pytest.mark.parametrize("headers", [{}, {"Accept": "application/json"}])
def test_a_members_form_is_no_guests_once_the_session_has_ended(
    client: Client, part: Any, headers: dict[str, str]
) -> None:
    form = {"files": part("a.png", pictures.png()), "privacy": "private"}
    answer = client.post("/upload", form, headers=headers)
    assert answer.status_code == 403
    assert "signed out" in text(answer)
    assert not HostedFile.objects.exists()


def test_somebody_elses_album_is_refused(member_client: Client, member: User, part: Any) -> None:
    AlbumFactory(owner=member)
    other = AlbumFactory()
    answer = member_client.post(
        "/upload", {"files": part("a.png", pictures.png()), "album": other.public_id}
    )
    assert answer.status_code == 400
    assert not HostedFile.objects.exists()


def test_one_broken_file_never_stops_the_others(client: Client, part: Any) -> None:
    files = [
        part("good.jpg", pictures.jpeg()),
        part("broken.jpg", pictures.truncated(pictures.jpeg(), 0.3)),
        part("<b>text.txt", b"no picture at all"),
        part("fine.png", pictures.png()),
    ]
    answer = client.post("/upload", {"files": files})
    page = text(answer)
    assert answer.status_code == 200
    assert HostedFile.objects.count() == 2
    assert "2 files uploaded" in page
    assert "broken.jpg" in page
    assert "&lt;b&gt;text" in page
    assert page.count('class="notice notice-error"') == 2
    assert page.count("/delete/") >= 4


def test_a_fault_of_ours_in_one_file_leaves_the_others_their_links(
    client: Client, part: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hosting.views import upload

    real = upload.accept

    def faulty(caller: Any, source: Any, options: Any) -> Any:
        if source.filename == "bad.jpg":
            raise RuntimeError("secret detail")
        return real(caller, source, options)

    monkeypatch.setattr(upload, "accept", faulty)
    files = [part("bad.jpg", pictures.jpeg()), part("good.jpg", pictures.jpeg())]
    page = text(client.post("/upload", {"files": files}))
    assert "Something went wrong on our side" in page
    assert "secret detail" not in page
    assert "/delete/" in page


def test_a_members_duplicate_shows_the_one_that_is_there(member_client: Client, part: Any) -> None:
    member_client.post("/upload", {"files": part("one.jpg", pictures.jpeg())})
    answer = member_client.post("/upload", {"files": part("two.jpg", pictures.jpeg())})
    page = text(answer)
    assert answer.status_code == 200
    assert HostedFile.objects.count() == 1
    assert HostedFile.objects.get().viewer_path in page
    assert "already uploaded this file" in page
    assert "/delete/" not in page


@pytest.mark.parametrize("form", [{}, {"url": ""}])
def test_nothing_chosen_is_said_so(client: Client, form: dict[str, str]) -> None:
    answer = client.post("/upload", form)
    assert answer.status_code == 400
    assert "Choose at least one" in text(answer)


def test_an_address_that_is_none_is_said_so(member_client: Client) -> None:
    answer = member_client.post("/upload", {"url": "not an address"})
    assert answer.status_code == 400
    assert "valid URL" in text(answer)


def test_an_address_of_this_machine_is_refused(member_client: Client) -> None:
    answer = member_client.post("/upload", {"url": "http://127.0.0.1/secret.png"})
    assert answer.status_code == 400
    assert "notice-error" in text(answer)
    assert not HostedFile.objects.exists()


def test_a_body_that_was_too_large_to_be_read_is_answered_kindly(client: Client) -> None:
    answer = client.post("/upload", {}, **{"vitrine.body_too_large": True})
    assert answer.status_code == 413
    assert "Upload too large" in text(answer)


def test_too_many_files_are_answered_kindly(client: Client, part: Any) -> None:
    files = [part(f"{n}.png", pictures.png(8, 8)) for n in range(21)]
    answer = client.post("/upload", {"files": files})
    assert answer.status_code == 413
    assert "20 files" in text(answer)


def test_a_form_of_another_site_is_refused(part: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/upload", {"files": part("a.jpg", pictures.jpeg())})
    assert answer.status_code == 403
    assert "submit the form again" in text(answer)
    assert not HostedFile.objects.exists()


def test_opening_the_forms_address_leads_home(client: Client) -> None:
    assert client.get("/upload")["Location"] == "/"


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_no_title_breaks_out_of_the_grid_or_the_results(
    client: Client, part: Any, title: str
) -> None:
    answer = client.post("/upload", {"files": part("a.jpg", pictures.jpeg()), "title": title})
    for page in (text(answer), text(client.get("/"))):
        assert "<script>alert" not in page
        assert "<b>" not in page


def test_the_first_page_asks_little_of_the_database(
    member_client: Client, member: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        HostedFileFactory(owner=member, album=AlbumFactory(owner=member), medium=True)
    with django_assert_max_num_queries(15):
        member_client.get("/")
