"""VARIANTS: one line more is one picture more of each upload, with everything that the others have."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts import keys
from hosting.files import orphans
from hosting.files.variants import ORIGINAL_SUFFIX, VARIANTS, VariantKind
from hosting.models import HostedFile, Privacy, Variant
from hosting.storage import objects
from processing import Output, Pipeline, Recipe
from processing.operations.geometry import Resize
from tests import pictures
from tests.factories import UserFactory

SMALL = VariantKind("w64", Recipe(Pipeline((Resize(width=64),)), Output("webp")))


def test_every_name_fits_into_its_column() -> None:
    longest = Variant._meta.get_field("name").max_length
    assert longest is not None
    assert [name for name in VARIANTS if len(name) > longest] == []
    assert Variant.ORIGINAL not in VARIANTS


def test_no_two_variants_can_have_one_address() -> None:
    """Who shares a suffix must write formats of its own: never one that is chosen by the picture."""
    formats = Counter((row.suffix, row.recipe.output.format) for row in VARIANTS.values())
    assert max(formats.values()) == 1
    open_to_all = [row.suffix for row in VARIANTS.values() if row.recipe.output.format == "auto"]
    suffixes = [row.suffix for row in VARIANTS.values()]
    assert [suffix for suffix in open_to_all if suffixes.count(suffix) > 1] == []
    assert ORIGINAL_SUFFIX not in suffixes
    assert all(suffix.isalnum() for suffix in suffixes)


@pytest.fixture
def _one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VARIANTS, "small", SMALL)


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_more")
def test_a_new_row_is_stored_served_moved_watched_and_deleted(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    _, secret = keys.create(UserFactory(own_storage_limit=10**9), name="key")
    call = {"headers": {"X-API-Key": secret}, "content_type": "application/json"}
    sent = {"file": SimpleUploadedFile("sea.jpg", pictures.jpeg(900, 600), "image/jpeg")}
    answer = client.post("/api/v2/files", sent, headers={"X-API-Key": secret})
    assert answer.status_code == 201, answer.content
    id = answer.json()["id"]
    variant = Variant.objects.get(file__public_id=id, name="small")

    assert variant.path.endswith(".w64.webp")
    assert (variant.format, variant.width, variant.height) == ("webp", 64, 43)
    shown = client.get(f"/{variant.path}")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(shown.getvalue())).size == (64, 43)
    assert len(orphans.find()) == 0

    with django_capture_on_commit_callbacks(execute=True):
        changed = client.patch(f"/api/v2/files/{id}", {"privacy": "private"}, **call)
    assert changed.status_code == 200, changed.content
    assert objects.find(objects.PUBLIC, variant.path) == f"guarded/{variant.path}"
    assert client.get(f"/{variant.path}").status_code == 404

    objects.move(variant.path, to=objects.PUBLIC)
    assert [file.public_id for file in orphans.find().misplaced] == [id]
    orphans.clear(orphans.find())
    objects.remove(variant.path)
    assert [lost.path for lost in orphans.find().variants] == [variant.path]

    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(f"/api/v2/files/{id}", **call).status_code == 204
    assert list(objects.walk()) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_more")
def test_a_new_row_goes_with_its_file(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    _, secret = keys.create(UserFactory(own_storage_limit=10**9), name="key")
    sent = {"file": SimpleUploadedFile("sea.jpg", pictures.jpeg(900, 600), "image/jpeg")}
    answer = client.post("/api/v2/files", sent, headers={"X-API-Key": secret})
    file = HostedFile.objects.get(public_id=answer.json()["id"])
    assert file.privacy == Privacy.PUBLIC
    assert len(list(objects.walk())) == 4
    with django_capture_on_commit_callbacks(execute=True):
        client.delete(f"/api/v2/files/{file.public_id}", headers={"X-API-Key": secret})
    assert list(objects.walk()) == []
