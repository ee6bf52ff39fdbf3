"""Compress, poll, download: as ImgSmaller's page shows it, against the running site."""

from __future__ import annotations

import base64
import re

import pytest

from tests import pictures
from tests.api.imgsmaller.conftest import Send, picture_of, refused, result_of, send_json
from tests.conftest import People
from tests.live import Site

pytestmark = pytest.mark.live

FORMATS = {"jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF"}


@pytest.fixture(scope="module")
def photo() -> bytes:
    return pictures.photo(900, 600, quality=92)


@pytest.fixture(scope="module")
def small() -> bytes:
    """For tests that look at something else than the compression."""
    return pictures.photo(300, 200, quality=92)


def test_the_answer_to_a_picture_is_where_to_poll(send: Send, site: Site, small: bytes) -> None:
    answer = send(small, target_size="20KB", output="jpeg")
    assert answer.status == 202
    body = answer.json()
    assert list(body) == ["queued", "progress_key", "result_url", "download_url_template"]
    assert body["queued"] is True
    assert re.fullmatch(r"[0-9a-f]{32}", body["progress_key"])
    assert body["result_url"] == f"{site.url}/result/{body['progress_key']}"
    assert body["download_url_template"] == f"{site.url}/download/{{imageId}}"
    result_of(site, answer)


def test_the_result_is_what_the_page_shows_and_nobody_needs_a_key_for_it(
    send: Send, site: Site, photo: bytes
) -> None:
    values = result_of(site, send(photo, target_size="20KB", output="webp"))
    assert list(values) == ["status", "image_id", "download", "bytes", "format", "target_met"]
    assert values["status"] == "done"
    assert type(values["image_id"]) is int
    assert 0 < values["image_id"] < 2**53
    assert values["download"] == f"{site.url}/download/{values['image_id']}"
    assert values["format"] == "webp"
    assert values["target_met"] is True
    downloaded = site.get(values["download"])
    assert downloaded.headers["Content-Type"] == "image/webp"
    assert downloaded.headers["Content-Disposition"].startswith("attachment;")
    assert len(downloaded.data) == values["bytes"] <= 20 * 1024


@pytest.mark.parametrize("output", [*FORMATS])
def test_every_output_is_met_and_is_what_it_says(
    send: Send, site: Site, photo: bytes, output: str
) -> None:
    answer = send(photo, target_size="30KB", output=output)
    values = result_of(site, answer)
    assert values["format"] == output
    data = picture_of(site, answer)
    assert pictures.opened(data).format == FORMATS[output]
    assert len(data) <= 30 * 1024


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "avif"])
def test_original_keeps_the_format(send: Send, site: Site, format: str) -> None:
    sent = pictures.saved(pictures.texture(300, 200), format)
    answer = send(sent, output="original", target_size="auto")
    data = picture_of(site, answer)
    assert pictures.opened(data).format == format.upper()
    assert len(data) <= len(sent)
    assert "target_met" not in result_of(site, answer)


def test_without_parameters_it_is_auto_and_original(send: Send, site: Site, photo: bytes) -> None:
    answer = send(photo)
    data = picture_of(site, answer)
    assert pictures.opened(data).format == "JPEG"
    assert len(data) < len(photo)


@pytest.mark.parametrize(
    ("size", "most"),
    [("20KB", 20480), ("20kb", 20480), ("20 K", 20480), ("20480", 20480), ("20480B", 20480),
     ("0.02MB", 20971)],
)  # fmt: skip
def test_sizes_are_read_as_people_write_them(
    send: Send, site: Site, photo: bytes, size: str, most: int
) -> None:
    data = picture_of(site, send(photo, target_size=size, output="jpg"))
    assert 0.85 * most < len(data) <= most


def test_a_size_that_nothing_fits_gives_the_smallest_and_says_so(
    send: Send, site: Site, photo: bytes
) -> None:
    values = result_of(site, send(photo, target_size="40B", output="jpeg"))
    assert values["status"] == "done"
    assert values["target_met"] is False
    assert values["bytes"] > 40


def test_base64_in_json_with_and_without_its_prefix(
    site: Site, people: People, small: bytes
) -> None:
    text = base64.b64encode(small).decode()
    for sent in (text, f"data:image/jpeg;base64,{text}"):
        answer = send_json(site, people.alice, file_base64=sent, target_size="5KB", output="jpeg")
        assert len(picture_of(site, answer)) <= 5120


def test_a_key_in_the_query_opens_too(site: Site, people: People, small: bytes) -> None:
    path = f"/api/v1/compress?api_key={people.alice}"
    answer = site.post(path, fields={"file": ("a.jpg", small), "target_size": "20KB"})
    assert answer.status == 202
    info = site.get(f"/api/v1/info?api_key={people.alice}")
    assert info.status == 200


def test_the_pictures_own_link_stays_shut(send: Send, site: Site, small: bytes) -> None:
    values = result_of(site, send(small, target_size="5KB"))
    path = site.shell(
        "from hosting.models import Job; "
        f"print(Job.objects.get(number={values['image_id']}).result.path)"
    ).strip()
    assert site.get(f"/{path}").status == 404
    assert site.get(values["download"]).status == 200


def test_a_turned_photo_comes_back_upright(send: Send, site: Site) -> None:
    lying = pictures.jpeg(orientation=6)
    data = picture_of(site, send(lying, target_size="15KB", output="webp"))
    upright = pictures.opened(data)
    assert pictures.looks_like_corners(upright.convert("RGB"), tolerance=60)


def test_transparency_turns_white_in_a_jpeg_and_stays_in_a_png(send: Send, site: Site) -> None:
    sent = pictures.png(200, 150, mode="RGBA")
    jpeg = pictures.opened(picture_of(site, send(sent, output="jpeg", target_size="10KB")))
    assert jpeg.mode == "RGB"
    png = pictures.opened(picture_of(site, send(sent, output="png", target_size="20KB")))
    assert png.convert("RGBA").getchannel("A").getextrema()[0] < 255


@pytest.mark.parametrize("nothing", ["undefined", "null", ""])
def test_what_scripts_send_for_nothing_is_auto_and_original(send: Send, nothing: str) -> None:
    assert send(pictures.png(64, 48), output=nothing, target_size=nothing).status == 202


def test_what_is_no_picture_at_all_is_answered_with_what_to_send(send: Send) -> None:
    assert "send one of jpeg, jpg, png, webp, avif" in refused(send(b"just words"), 415)


@pytest.mark.parametrize("key", ["abcd1234deadbeef", "0" * 32, "Unknown"])
def test_a_key_of_any_look_that_nobody_has_is_no_result(site: Site, key: str) -> None:
    assert refused(site.get(f"/result/{key}"), 404) == "Result not found."
