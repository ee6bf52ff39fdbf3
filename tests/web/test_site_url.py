"""Absolute links lead to SITE_URL, by whatever of its names the site was called."""

from __future__ import annotations

import pytest
from django.test import Client

from hosting.models import HostedFile
from tests.factories import AlbumFactory, ApiKeyFactory, HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db

PLACES = {
    "home": "/",
    "viewer": "{file.viewer_path}",
    "album": "{file.album.viewer_path}",
    "profile": "/{file.owner.username}",
    "oembed": "/oembed?url=http://testserver{file.viewer_path}",
    "sitemap": "/sitemap.xml",
    "robots": "/robots.txt",
    "API reference": "/api/docs/native",
    "OpenAPI": "/api/schema/native.json",
    "native file": "/api/v2/files/{file.public_id}",
    "native list": "/api/v2/files?size=1",
}


@pytest.fixture
def file() -> HostedFile:
    owner = UserFactory()
    files = [HostedFileFactory(owner=owner, album=AlbumFactory(owner=owner)) for _ in range(2)]
    return files[0]


@pytest.mark.parametrize("place", PLACES)
def test_no_link_takes_its_host_from_the_request(place: str, file: HostedFile) -> None:
    path = PLACES[place].format(file=file)
    headers = {"host": "localhost:4321"}
    if path.startswith("/api/v2"):
        headers["X-API-Key"] = ApiKeyFactory(user=file.owner).secret
    answer = Client().get(path, headers=headers)
    assert answer.status_code == 200
    sent = answer.content.decode() + str(dict(answer.headers))
    assert "localhost:4321" not in sent


@pytest.mark.parametrize("path", ["/settings/keys", "/dashboard"])
def test_who_has_to_sign_in_first_is_sent_below_the_same_site(path: str) -> None:
    answer = Client().get(path, headers={"host": "localhost:4321"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")
