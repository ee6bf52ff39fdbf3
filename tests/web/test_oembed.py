"""oEmbed, in JSON and XML."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from hosting.models import HostedFile, Privacy
from tests.factories import HostedFileFactory, UserFactory
from tests.web.conftest import HOSTILE_TITLES


def ask(client: Client, file: HostedFile, **context: Any) -> Any:
    return client.get("/oembed/", {"url": f"http://testserver{file.viewer_path}", **context})


def test_a_picture_is_a_photo(client: Client) -> None:
    file = HostedFileFactory(title="Evening", owner=UserFactory(username="ada"))
    answer = ask(client, file)
    assert answer["Access-Control-Allow-Origin"] == "*"
    body = answer.json()
    assert body["version"] == "1.0"
    assert body["type"] == "photo"
    assert body["title"] == "Evening"
    assert body["author_name"] == "ada"
    assert body["provider_url"] == "http://testserver/"
    assert body["url"] == f"http://testserver/{file.path}"
    assert (body["width"], body["height"]) == (64, 48)
    assert body["thumbnail_width"] == 320


@pytest.mark.parametrize(
    ("room", "suffix", "size"),
    [
        ({}, ".jpg", (1600, 1200)),
        ({"maxwidth": 1600}, ".jpg", (1600, 1200)),
        ({"maxwidth": 1599}, ".md.jpg", (500, 375)),
        ({"maxheight": 340}, ".th.jpg", (320, 320)),
        ({"maxwidth": 100}, ".th.jpg", (100, 100)),
        ({"maxwidth": 100, "maxheight": 50}, ".th.jpg", (50, 50)),
        ({"maxwidth": "rubbish", "maxheight": "0"}, ".jpg", (1600, 1200)),
    ],
)
def test_what_is_given_fits_the_room(
    client: Client, room: dict[str, Any], suffix: str, size: tuple[int, int]
) -> None:
    body = ask(client, HostedFileFactory(width=1600, height=1200, medium=True), **room).json()
    assert (body["width"], body["height"]) == size
    assert body["url"].endswith(suffix)
    assert body["url"].count(".") == suffix.count(".")


def test_a_video_is_a_player_that_fits(client: Client) -> None:
    file = HostedFileFactory(kind="video", width=1920, height=1080)
    body = ask(client, file, maxwidth=640).json()
    assert (body["type"], body["width"], body["height"]) == ("video", 640, 360)
    assert body["html"].startswith(f'<video src="http://testserver/{file.path}"')


@pytest.mark.parametrize("title", [*HOSTILE_TITLES, "bell \x07 and \x00 nul"])
def test_hostile_titles_stay_text(client: Client, title: str) -> None:
    file = HostedFileFactory(title=title)
    assert ask(client, file).json()["title"] == title
    answer = ask(client, file, format="xml")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    kept = title.replace("\x07", "").replace("\x00", "")
    assert ElementTree.fromstring(answer.content).findtext("title") == kept


def test_the_short_link_and_an_old_name_are_known_too(client: Client) -> None:
    file = HostedFileFactory()
    for path in (file.short_path, f"/image/old.{file.public_id}"):
        assert client.get("/oembed", {"url": f"http://testserver{path}"}).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://testserver/",
        "http://testserver/image/AAAAAAAAAAA",
        "http://other.example/image/{id}",
        "http://testserver@other.example/image/{id}",
        "javascript://testserver/image/{id}",
        "http://testserver/image/{id}/delete",
        "http://[broken/image/{id}",
        "/image/{id}",
    ],
)
def test_other_addresses_are_not_found(client: Client, url: str) -> None:
    file = HostedFileFactory()
    answer = client.get("/oembed/", {"url": url.replace("{id}", file.public_id)})
    assert answer.status_code == 404


def test_closed_expired_and_unknown_formats(client: Client) -> None:
    closed = HostedFileFactory(privacy=Privacy.PRIVATE)
    expired = HostedFileFactory(expires_at=timezone.now() - timedelta(seconds=1))
    assert ask(client, closed).status_code == 404
    assert ask(client, expired).status_code == 410
    assert ask(client, HostedFileFactory(), format="yaml").status_code == 501
