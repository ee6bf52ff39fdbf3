"""The album's page: its password, what lies in it, its codes and its archive."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hosting.albums import editing, unlocking
from hosting.albums.editing import AlbumChanges
from hosting.delivery import archives
from hosting.models import Album, HostedFile, Privacy
from hosting.storage import objects
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory, picture

PASSWORD = "open sesame"


@pytest.fixture
def locked() -> Album:
    return editing.create(
        UserFactory(), AlbumChanges(name="Attic", privacy=Privacy.PASSWORD, password=PASSWORD)
    )


def test_the_right_password_opens_the_album_its_files_and_their_bytes(
    client: Client, locked: Album
) -> None:
    file = HostedFileFactory(owner=locked.owner, album=locked, title="Trunk")
    # By its short address: the long one names it already.
    asked = client.get(f"/album/{locked.public_id}")
    assert asked.status_code == 403
    assert b"Attic" not in asked.content
    answer = client.post(f"/album/{locked.public_id}", {"password": PASSWORD})
    assert answer["Location"] == locked.viewer_path
    assert b"Trunk" in client.get(locked.viewer_path).content
    assert client.get(file.viewer_path).status_code == 200
    assert client.get(f"/{file.path}").status_code == 200
    assert Client().get(f"/{file.path}").status_code == 404


def test_a_wrong_password_is_reported_and_opens_nothing(client: Client, locked: Album) -> None:
    answer = client.post(locked.viewer_path, {"password": "wrong"})
    assert answer.status_code == 403
    assert "not the album&#x27;s password" in answer.content.decode()
    assert client.get(locked.viewer_path).status_code == 403


def test_guessing_is_stopped_even_for_the_right_one(client: Client, locked: Album) -> None:
    for _ in range(unlocking.TRIES):
        client.post(locked.viewer_path, {"password": "wrong"})
    assert client.post(locked.viewer_path, {"password": PASSWORD}).status_code == 429
    assert client.get(locked.viewer_path).status_code == 403


def test_a_new_password_closes_it_again(client: Client, locked: Album) -> None:
    client.post(locked.viewer_path, {"password": PASSWORD})
    editing.edit(locked, AlbumChanges(password="another one"))
    assert client.get(locked.viewer_path).status_code == 403


def test_one_password_opens_one_album(client: Client, locked: Album) -> None:
    other = editing.create(
        locked.owner, AlbumChanges(name="Cellar", privacy=Privacy.PASSWORD, password=PASSWORD)
    )
    client.post(locked.viewer_path, {"password": PASSWORD})
    assert client.get(other.viewer_path).status_code == 403


def test_the_form_needs_its_token(locked: Album) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(locked.viewer_path, {"password": PASSWORD}).status_code == 403
    page = client.get(locked.viewer_path).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    values = {"password": PASSWORD, "csrfmiddlewaretoken": token}
    assert client.post(locked.viewer_path, values).status_code == 302


def test_every_spelling_leads_to_the_one_address(client: Client) -> None:
    album = AlbumFactory(name="Žiema ir sniegas")
    for name in (album.public_id, f"other.{album.public_id}", f"{album.public_id}/"):
        assert client.get(f"/album/{name}")["Location"].startswith("/album/%C5%BDiema-ir-sniegas.")
    assert client.get(album.viewer_path).status_code == 200


def test_it_shows_its_owner_what_is_in_it_and_the_albums_in_it(client: Client) -> None:
    owner = UserFactory(username="ada")
    outer = AlbumFactory(owner=owner, name="Outer", description="All of it.")
    inner = AlbumFactory(owner=owner, name="Inner", parent=outer)
    HostedFileFactory(owner=owner, album=inner)
    page = client.get(outer.viewer_path).content.decode()
    for values in ("Outer", "All of it.", 'href="/ada"', inner.viewer_path, "1 file"):
        assert values in page
    assert outer.viewer_path in client.get(inner.viewer_path).content.decode()


def test_an_empty_album_can_be_edited_by_its_owner_and_has_nothing_to_order(
    client: Client, member_client: Client, member: User
) -> None:
    album = AlbumFactory(owner=member)
    own = member_client.get(album.viewer_path).content.decode()
    assert f"/dashboard/albums/{album.public_id}" in own
    assert "Download all" not in own
    page = client.get(album.viewer_path).content.decode()
    assert "sort=" not in own + page
    HostedFileFactory(owner=member, album=album)
    assert "sort=" in client.get(album.viewer_path).content.decode()


def test_codes_of_many_files_stay_within_a_page(client: Client) -> None:
    album = AlbumFactory()
    for _ in range(8):
        HostedFileFactory(owner=album.owner, album=album)
    page = client.get(f"/album/{album.public_id}/codes").content.decode()
    assert set(re.findall(r'rows="(\d+)"', page)) == {"6"}


def test_ten_queries_are_enough_for_an_album(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    album = AlbumFactory(parent=AlbumFactory())
    for _ in range(5):
        HostedFileFactory(owner=album.owner, album=album, medium=True, stored=False)
        inner = AlbumFactory(owner=album.owner, parent=album)
        HostedFileFactory(owner=album.owner, album=inner, stored=False)
    with django_assert_max_num_queries(10):
        client.get(album.viewer_path)


def test_codes_have_a_line_a_file(client: Client) -> None:
    album = AlbumFactory()
    files = [HostedFileFactory(owner=album.owner, album=album) for _ in range(3)]
    page = client.get(f"/album/{album.public_id}/codes").content.decode()
    for file in files:
        assert f"[img]http://testserver/{file.path}[/img]" in page


def archive_of(client: Client, album: Album) -> zipfile.ZipFile:
    response = client.get(f"/album/{album.public_id}/download")
    assert response["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_the_archive_holds_every_file_whole_under_a_name_of_its_own(client: Client) -> None:
    album = AlbumFactory(name="Žiema")
    for title in ("Snow", "snow", "../../etc/passwd", "Žalia / balta"):
        HostedFileFactory(owner=album.owner, album=album, title=title)
    archive = archive_of(client, album)
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == [
        "Snow.jpg", "etc-passwd.jpg", "snow-2.jpg", "Žalia-balta.jpg",
    ]  # fmt: skip
    assert {archive.read(name) for name in archive.namelist()} == {picture(64, 48)}
    assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_file_that_is_gone_meanwhile_is_left_out(client: Client) -> None:
    album = AlbumFactory()
    gone = HostedFileFactory(owner=album.owner, album=album, title="Gone")
    HostedFileFactory(owner=album.owner, album=album, title="There")
    objects.remove(gone.path)
    assert archive_of(client, album).namelist() == ["There.jpg"]


def test_too_much_for_an_archive_is_refused_before_it_begins(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = AlbumFactory()
    for _ in range(3):
        HostedFileFactory(owner=album.owner, album=album)
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    answer = client.get(f"/album/{album.public_id}/download")
    assert answer.status_code == 400
    assert b"too much" in answer.content


def in_album(count: int) -> list[HostedFile]:
    album = AlbumFactory()
    now = timezone.now()
    # Two of one moment: which comes first is still certain.
    moments = [now - timedelta(minutes=number // 2) for number in range(count)]
    return [HostedFileFactory(owner=album.owner, album=album, created_at=one) for one in moments]


def test_neighbours_lead_through_the_whole_album_and_back(client: Client) -> None:
    files = in_album(5)
    shown = sorted(files, key=lambda file: (file.created_at, file.pk), reverse=True)
    address, seen = shown[0].viewer_path, []
    while address:
        seen.append(address)
        page = client.get(address).content.decode()
        address = (
            page.split('<link rel="next" href="')[1].split('"')[0] if 'rel="next"' in page else ""
        )
    assert seen == [file.viewer_path for file in shown]
    assert f'rel="prev" href="{shown[-2].viewer_path}"' in page
    assert 'rel="prev"' not in client.get(shown[0].viewer_path).content.decode()


def test_a_heart_is_put_and_taken_away(client: Client, member_client: Client) -> None:
    file = HostedFileFactory()
    asked = client.post(f"{file.short_path}/like")
    assert asked["Location"].startswith("/account/login/?next=")
    member_client.post(f"{file.short_path}/like", {"liked": "1"})
    member_client.post(f"{file.short_path}/like", {"liked": "1"})
    file.refresh_from_db()
    assert file.likes == 1
    assert 'aria-pressed="true"' in member_client.get(file.viewer_path).content.decode()
    member_client.post(f"{file.short_path}/like", {"liked": "0"})
    file.refresh_from_db()
    assert file.likes == 0


def test_a_document_is_offered_not_embedded(client: Client) -> None:
    file = HostedFileFactory(kind="document", format="pdf", title="Letter", width=0, height=0)
    page = client.get(file.viewer_path).content.decode()
    assert "stage-document" in page
    assert "<object" not in page
    assert "<img" not in page.split("data-stage")[1].split("viewer-body")[0]
    assert "Letter" in client.get("/explore").content.decode()


def test_the_camera_is_described_in_photographers_words(client: Client) -> None:
    values = {"Make": "Canon", "Model": "Canon EOS 5D", "FNumber": 2.8, "ExposureTime": "1/250",
            "ISOSpeedRatings": 400, "FocalLength": 23.0, "FocalLengthIn35mmFilm": 35,
            "DateTimeOriginal": "2024:05:01 12:00:00", "Flash": 16, "ExposureBiasValue": -0.333}  # fmt: skip
    page = client.get(HostedFileFactory(exif=values).viewer_path).content.decode()
    for words in ("Canon EOS 5D", "f/2.8", "1/250\xa0s", "ISO 400", "23\xa0mm (35\xa0mm: 35\xa0mm)",
                  "May 1, 2024, noon", "did not fire", "-0.33\xa0EV"):  # fmt: skip
        assert words in page
    assert "Canon Canon" not in page


def test_odd_figures_of_a_camera_break_nothing(client: Client) -> None:
    values = {
        "Make": " ",
        "Model": None,
        "FNumber": "x",
        "Flash": "y",
        "DateTimeOriginal": ":",
        "Lens": [],
    }
    assert client.get(HostedFileFactory(exif=values).viewer_path).status_code == 200
