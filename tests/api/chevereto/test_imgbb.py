"""ImgBB's clients on the same site."""

from __future__ import annotations

import base64

import pytest

from tests.api.chevereto.conftest import Upload, fresh_png
from tests.api.chevereto.test_parameters import refused
from tests.conftest import People
from tests.live import Site

pytestmark = pytest.mark.live


def test_image_instead_of_source_is_answered_with_data(upload: Upload) -> None:
    for image in (fresh_png(), base64.b64encode(fresh_png()).decode()):
        answer = upload(image, field="image", name="Called so").json()
        assert (answer["status"], answer["status_code"]) == (200, 200)
        assert answer["success"]["code"] == 200
        assert "image" not in answer
        assert answer["data"]["id"] == answer["data"]["id_encoded"]
        assert answer["data"]["title"] == "Called so"


@pytest.mark.parametrize("path", ["/1/upload", "/1/upload/"])
def test_imgbbs_own_address_answers_in_imgbbs_shape(site: Site, people: People, path: str) -> None:
    text = base64.b64encode(fresh_png()).decode()
    answer = site.post(f"{path}?key={people.alice}&expiration=600", fields={"image": text}).json()
    assert (answer["success"], answer["status"]) == (True, 200)
    data = answer["data"]
    for name in ("id", "title", "url_viewer", "url", "display_url", "width", "height", "size", "time",
                 "expiration", "image", "thumb", "medium", "delete_url"):  # fmt: skip
        assert name in data
    assert data["expiration"] == 600
    assert set(data["image"]) >= {"filename", "name", "mime", "extension", "url"}


def test_a_minute_is_enough_for_imgbb(site: Site, people: People) -> None:
    fields = {"image": ("a.png", fresh_png()), "key": people.alice, "expiration": "60"}
    assert site.post("/1/upload", fields=fields).json()["data"]["expiration"] == 60


def test_errors_have_the_shape_that_both_know(site: Site, people: People) -> None:
    refused(site.post("/1/upload", fields={"key": people.alice}), 130)
    refused(site.post("/1/upload", fields={"key": "wrong"}), 100)


def test_a_duplicate_carries_data(upload: Upload) -> None:
    sent = fresh_png()
    upload(sent, field="image")
    assert upload(sent, field="image").json()["data"]["url"]
