"""What the queue of the home page asks of the server: one file at a time, answered as JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.keys import guest_access
from accounts.models import User
from hosting.files import deletion
from hosting.files.embeds import EMBEDS
from hosting.models import HostedFile
from tests import pictures
from tests.factories import AlbumFactory, CategoryFactory, HostedFileFactory

JSON = {"Accept": "application/json"}
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def send(client: Client, file: Any = None, **fields: Any) -> Any:
    """One file of the queue; what became of it."""
    files = {"files": file} if file else {}
    return client.post("/upload", {**files, **fields}, headers=JSON)


def outcome(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    (body,) = answer.json()["outcomes"]
    return dict(body)


def test_a_guests_file_comes_back_with_every_code(client: Client, part: Any) -> None:
    answer = send(client, part("My cat.jpg", pictures.jpeg(800, 600)))
    values = outcome(answer)
    file = HostedFile.objects.get()
    assert "no-store" in answer["Cache-Control"]
    assert (values["id"], values["title"], values["error"]) == (file.public_id, "My cat", "")
    assert values["viewer"] == file.viewer_path
    assert client.get(values["thumb"]).status_code == 200
    assert set(values["codes"]) == {embed.key for embed in EMBEDS}
    assert values["codes"]["bbcode-embed"] == f"[img]http://testserver/{file.path}[/img]"
    token = values["codes"]["delete-links"].rpartition("/")[2]
    assert deletion.opens(file, token)


def test_what_is_wrong_with_a_file_is_said_of_it(client: Client, part: Any) -> None:
    values = outcome(send(client, part("broken.jpg", pictures.truncated(pictures.jpeg(), 0.3))))
    assert values["name"] == "broken.jpg"
    assert values["error"]
    assert "id" not in values


def test_all_that_can_be_said_of_a_file_is_kept(
    member_client: Client, member: User, part: Any
) -> None:
    album, category = AlbumFactory(owner=member), CategoryFactory(url_key="cats")
    send(
        member_client, part("a.jpg", pictures.jpeg(800, 600)), title="Mine", tags="one, two ,one",
        album=album.public_id, category="cats", description="Long\nstory", width="400",
        privacy="unlisted", nsfw="on", expires="P1D",
    )  # fmt: skip
    file = HostedFile.objects.get()
    assert (file.title, file.description, file.nsfw) == ("Mine", "Long\nstory", True)
    assert (file.album, file.category, file.privacy) == (album, category, "unlisted")
    assert {tag.name for tag in file.tags.all()} == {"one", "two"}
    assert (file.width, file.height) == (400, 300)
    assert file.expires_at is not None


def test_a_duplicate_is_the_file_that_is_there_without_a_delete_link(
    member_client: Client, part: Any
) -> None:
    first = outcome(send(member_client, part("a.jpg", pictures.jpeg())))
    second = outcome(send(member_client, part("b.jpg", pictures.jpeg())))
    assert (second["id"], second["duplicate"]) == (first["id"], True)
    assert "delete-links" not in second["codes"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose at least one"),
        ({"url": "no address"}, "valid URL"),
        ({"tags": "a/b"}, "Tags: A tag has"),
        ({"width": "0"}, "Width in pixels"),
        ({"album": "AAAAAAAAAAA"}, "Album"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_in_words(
    member_client: Client, member: User, part: Any, fields: dict[str, str], words: str
) -> None:
    AlbumFactory(owner=member)
    file = part("a.jpg", pictures.jpeg()) if fields and "url" not in fields else None
    answer = send(member_client, file, **fields)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert not HostedFile.objects.exists()


def test_who_may_not_upload_and_what_is_too_much_is_said_in_words(client: Client) -> None:
    answer = client.post("/upload", {}, headers=JSON, **{"vitrine.body_too_large": True})
    assert (answer.status_code, bool(answer.json()["error"])) == (413, True)
    access = guest_access()
    access.enabled = False
    access.save()
    answer = send(client)
    assert (answer.status_code, "Only members" in answer.json()["error"]) == (403, True)


def test_an_upload_in_pieces_ends_with_the_same_answer(client: Client) -> None:
    browser, photo = Client(enforce_csrf_checks=True), pictures.jpeg()
    browser.get("/")
    headers = {**TUS, "X-CSRFToken": browser.cookies["csrftoken"].value}
    begun = {**headers, "Upload-Length": str(len(photo)), "Upload-Metadata": "filename YS5qcGc="}
    at = browser.post("/api/v2/uploads", headers=begun)["Location"]
    address = f"/upload/{at.rpartition('/')[2]}"
    assert browser.get(address, headers=JSON).status_code == 404
    browser.patch(at, photo, content_type=BYTES, headers={**headers, "Upload-Offset": "0"})
    values = outcome(browser.get(address, headers=JSON))
    file = HostedFile.objects.get()
    assert (values["name"], values["id"]) == ("a.jpg", file.public_id)
    assert deletion.opens(file, values["codes"]["delete-links"].rpartition("/")[2])


def test_somebody_elses_upload_in_pieces_is_not_shown(
    member_client: Client, client: Client
) -> None:
    assert member_client.get("/upload/" + "a" * 24).status_code == 404
    assert client.post("/upload/" + "a" * 24).status_code == 405


def test_the_page_knows_the_codes_in_their_order_and_the_spans(client: Client) -> None:
    page = client.get("/").content.decode()
    keys = re.findall(r'<textarea id="new-([-\w]+)"', page)
    assert keys == [embed.key for embed in EMBEDS]
    spans = re.search(r'data-spans="([^"]+)"', page)
    assert spans is not None
    assert json.loads(spans[1].replace("&quot;", '"'))["P1D"] == 86400


def test_guests_are_offered_what_guests_have(client: Client, member_client: Client) -> None:
    CategoryFactory()
    page = client.get("/").content.decode()
    for name in ("album", "tags", "privacy"):
        assert f'name="{name}"' not in page
    for name in ("title", "description", "category", "expires", "width", "nsfw"):
        assert f'name="{name}"' in page
    assert 'name="tags"' in member_client.get("/").content.decode()
    assert "Create album from these" in member_client.get("/").content.decode()
    assert "Create album from these" not in page


def test_the_first_page_is_light(client: Client, settings: Any) -> None:
    for _ in range(30):
        HostedFileFactory(medium=True)
    page = client.get("/").content
    sheets = re.findall(r'href="/static/(css/[\w/]+\.css)"', page.decode())
    assert sheets
    # The queue itself comes when somebody chooses a file.
    names = [*sheets, "js/site.js", "js/upload.js", "img/favicon.svg"]
    parts = [settings.BASE_DIR / "static" / name for name in names]
    assert len(page) + sum(part.stat().st_size for part in parts) < 100_000
