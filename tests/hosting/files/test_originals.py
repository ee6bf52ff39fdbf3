"""When the source of an upload is kept: where what is served holds less than it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import keys
from hosting.models import HostedFile, Variant
from hosting.storage import objects
from tests import credentials, gain_maps, pictures
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

BROKEN = {name: value for name, value in gain_maps.NUMBERS.items() if name != "GainMapMax"}


def uploaded(client: Client, data: bytes, name: str = "photo.jpg") -> HostedFile:
    _, key = keys.create(UserFactory(own_storage_limit=10**9), name="key")
    part = SimpleUploadedFile(name, data)
    answer = client.post("/api/1/upload", {"source": part}, headers={"X-API-Key": key})
    assert answer.status_code == 200, answer.content
    return HostedFile.objects.get()


def original(file: HostedFile) -> bytes | None:
    kept = file.variants.filter(name=Variant.ORIGINAL).first()
    if kept is None:
        return None
    assert file.charged == file.size + kept.size
    with objects.open_file(objects.GUARDED, kept.path) as content:
        return content.read()


def test_a_photo_with_its_gain_map_needs_no_source(client: Client) -> None:
    file = uploaded(client, gain_maps.photo())
    assert original(file) is None
    with objects.open_file(file.area, file.path) as content:
        assert gain_maps.looks_like_gains(gain_maps.seen(content.read()).chart)


def test_of_a_gain_map_that_is_not_understood_the_source_is_kept(client: Client) -> None:
    data = gain_maps.photo(forms=("xmp",), map_xmp=gain_maps.xmp(BROKEN))
    assert original(uploaded(client, data)) == data


def test_it_is_not_kept_where_the_site_keeps_none(client: Client, settings: Any) -> None:
    settings.KEEP_ORIGINALS = False
    data = gain_maps.photo(forms=("xmp",), map_xmp=gain_maps.xmp(BROKEN))
    assert original(uploaded(client, data)) is None


def test_credentials_that_had_to_go_are_kept_with_the_source(client: Client) -> None:
    data = credentials.signed(pictures.jpeg(160, 120, gps=True))
    file = uploaded(client, data)
    assert original(file) == data
    assert file.credentials == {"made_by": "Painting Machine 1.2", "kept": False}


def test_credentials_that_stay_need_no_source(client: Client) -> None:
    data = credentials.signed(credentials.samples()["png"])
    file = uploaded(client, data, "painted.png")
    assert original(file) is None
    assert file.credentials == {"made_by": "Painting Machine 1.2", "kept": True}
    with objects.open_file(file.area, file.path) as content:
        assert content.read() == data


def test_a_photo_without_any_of_it_needs_no_source(client: Client) -> None:
    file = uploaded(client, pictures.jpeg(gps=True))
    assert original(file) is None
    assert file.credentials == {}
