"""Imghippo's processing endpoints on real files, by looking into the results."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from processing import FORMATS
from tests import pictures
from tests.api.chevereto.conftest import fresh_jpeg
from tests.api.imghippo.conftest import Ask, picture
from tests.api.imghippo.test_files import refused
from tests.live import Site

pytestmark = pytest.mark.live

ITEM = ["status", "index", "original_name", "output_url", "original_size", "output_size",
        "saved_percent", "format"]  # fmt: skip


def done(answer: Any, site: Site, folder: str, kind: str) -> dict[str, Any]:
    """Check that a batch of one succeeded in the page's shape; return its item."""
    body = answer.json()
    assert answer.status == 200, body
    assert list(body) == ["success", "status", "message", "summary", "data"]
    assert body["message"] == "Processing complete"
    assert body["summary"] == {"total": 1, "succeeded": 1, "failed": 0}, body
    (item,) = body["data"]
    assert list(item) == ITEM
    name = rf"{site.url}/{folder}/{kind}_\d{{10}}_[0-9a-f]{{24}}\.{item['format']}"
    assert re.fullmatch(name, item["output_url"]), item["output_url"]
    stored = site.get(item["output_url"]).data
    assert item["output_size"] == len(stored)
    saved = 100 * (1 - item["output_size"] / item["original_size"])
    assert item["saved_percent"] == pytest.approx(saved, abs=0.06)
    return item


def test_compress_jpg_makes_it_smaller_and_keeps_its_looks(ask: Ask, site: Site) -> None:
    sent = pictures.photo(900, 600, quality=95)
    item = done(ask("compress/jpg", [("a.jpg", sent)]), site, "compressed", "compressed")
    assert item["original_size"] == len(sent)
    assert item["saved_percent"] > 20
    result = picture(site, item["output_url"])
    assert (result.size, result.format) == ((900, 600), "JPEG")
    before, after = (np.asarray(i.convert("RGB"), float) for i in (pictures.opened(sent), result))
    assert np.abs(before - after).mean() < 12


def test_compress_png_keeps_every_pixel_under_transparency_too(ask: Ask, site: Site) -> None:
    sent = pictures.png(300, 200, mode="RGBA", compress_level=0)
    item = done(ask("compress/png", [("a.png", sent)]), site, "compressed", "compressed")
    result = picture(site, item["output_url"])
    assert result.format == "PNG"
    assert item["output_size"] < len(sent)
    assert result.convert("RGBA").tobytes() == pictures.opened(sent).tobytes()


def test_compress_gif_keeps_frames_and_timing(ask: Ask, site: Site) -> None:
    sent = pictures.gif(6, 120, 90)
    item = done(ask("compress/gif", [("a.gif", sent)]), site, "compressed", "compressed")
    before, after = pictures.opened(sent), picture(site, item["output_url"])
    assert item["output_size"] <= len(sent)
    assert after.n_frames == before.n_frames == 6
    for frame in range(6):
        before.seek(frame)
        after.seek(frame)
        assert after.info["duration"] == before.info["duration"]
        assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()


def test_compress_svg_drops_what_draws_nothing(ask: Ask, site: Site) -> None:
    noise = "<!-- a comment --><metadata>who made it</metadata>   <g></g>"
    sent = pictures.svg(body=f'{noise}<rect x="10" y="10" width="50" height="20" fill="#ff0000"/>')
    item = done(ask("compress/svg", [("a.svg", sent)]), site, "compressed", "compressed")
    stored = site.get(item["output_url"]).data
    assert item["output_size"] < len(sent)
    assert b"who made it" not in stored
    assert b"<rect" in stored or b"<path" in stored


def test_compress_image_turns_png_into_jpeg(ask: Ask, site: Site) -> None:
    sent = pictures.saved(pictures.texture(600, 400), "PNG")
    item = done(ask("compress-image", [("a.png", sent)]), site, "compressed", "compressed")
    assert (item["format"], picture(site, item["output_url"]).format) == ("jpg", "JPEG")
    assert item["saved_percent"] > 50


def test_compress_image_leaves_an_animated_png_its_frames(ask: Ask, site: Site) -> None:
    sent = pictures.apng(4, 160, 120)
    item = done(ask("compress-image", [("a.png", sent)]), site, "compressed", "compressed")
    result = picture(site, item["output_url"])
    assert (item["format"], result.format, result.n_frames) == ("png", "PNG", 4)
    assert item["output_size"] <= len(sent)


@pytest.mark.parametrize(
    "endpoint", ["compress-image", "compress/jpg", "compress/png", "compress/gif"]
)
def test_a_result_is_never_larger_than_what_was_sent(ask: Ask, site: Site, endpoint: str) -> None:
    tiny = {
        "compress/png": pictures.saved(Image.new("1", (8, 8)), "PNG", optimize=True),
        "compress/gif": pictures.saved(Image.new("P", (8, 8)), "GIF"),
    }.get(endpoint) or pictures.saved(Image.new("RGB", (8, 8)), "JPEG", quality=5, optimize=True)
    item = done(ask(endpoint, [("tiny", tiny)]), site, "compressed", "compressed")
    assert item["output_size"] <= len(tiny)


@pytest.mark.parametrize(
    ("endpoint", "sent", "format"),
    [
        ("png-to-jpg", lambda: pictures.png(300, 200), "JPEG"),
        ("jpg-to-png", lambda: pictures.jpeg(300, 200), "PNG"),
        ("heic-to-jpg", lambda: pictures.heic(300, 200), "JPEG"),
        ("webp-to-jpg", lambda: pictures.webp(1, 300, 200), "JPEG"),
        ("jpg-to-webp", lambda: pictures.jpeg(300, 200), "WEBP"),
    ],
)
def test_conversions_show_the_same_picture(
    ask: Ask, site: Site, endpoint: str, sent: Any, format: str
) -> None:
    answer = ask(f"convert/{endpoint}", [("a", sent())])
    item = done(answer, site, f"converted/{endpoint}", "converted")
    result = picture(site, item["output_url"])
    assert (result.format, result.size) == (format, (300, 200))
    assert pictures.looks_like_corners(result.convert("RGB"))


def test_transparency_turns_white_on_a_jpeg(ask: Ask, site: Site) -> None:
    sent = pictures.png(200, 100, mode="RGBA")
    item = done(
        ask("convert/png-to-jpg", [("a.png", sent)]), site, "converted/png-to-jpg", "converted"
    )
    red, green, blue = picture(site, item["output_url"]).convert("RGB").getpixel((190, 50))
    assert min(red, green, blue) > 245


@pytest.mark.parametrize(
    ("sides", "size"),
    [({"width": 160}, (160, 120)), ({"height": 60}, (80, 60)), ({"width": 100, "height": 50}, (100, 50)),
     ({"width": 5000}, (320, 240)), ({"width": "160.0"}, (160, 120))],
)  # fmt: skip
def test_resizing_never_makes_larger(
    ask: Ask, site: Site, sides: dict[str, Any], size: tuple[int, int]
) -> None:
    answer = ask("resize-image", [("a.png", pictures.png(320, 240))], **sides)
    item = done(answer, site, "converted/resize-image", "resized")
    result = picture(site, item["output_url"])
    assert (result.size, result.format) == (size, "PNG")
    assert pictures.looks_like_corners(result.convert("RGB"))


@pytest.mark.parametrize(
    ("format", "options"),
    [("JPEG", {"quality": 60}), ("WEBP", {"quality": 40}), ("PNG", {}), ("GIF", {})],
)
def test_a_picture_that_is_small_enough_stays_as_it_is(
    ask: Ask, site: Site, format: str, options: dict[str, Any]
) -> None:
    image = pictures.texture(320, 240)
    sent = pictures.saved(
        image.quantize(64) if format in ("PNG", "GIF") else image, format, **options
    )
    for endpoint, parameters, folder, kind in (
        ("resize-image", {"width": 900, "height": 700}, "converted/resize-image", "resized"),
        (
            "crop-image",
            {"x": 0, "y": 0, "width": 320, "height": 240},
            "converted/crop-image",
            "cropped",
        ),
    ):
        item = done(ask(endpoint, [("a", sent)], **parameters), site, folder, kind)
        assert item["output_size"] <= len(sent)
        result = picture(site, item["output_url"]).convert("RGB")
        assert result.tobytes() == pictures.opened(sent).convert("RGB").tobytes()


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "gif", "bmp", "tiff"])
def test_every_format_is_resized_and_cropped(ask: Ask, site: Site, format: str) -> None:
    sent = [("a", pictures.sample(format))]
    size = pictures.opened(sent[0][1]).size
    resized = done(ask("resize-image", sent, width=32), site, "converted/resize-image", "resized")
    result = picture(site, resized["output_url"])
    assert (result.width, result.format) == (32, format.upper())
    assert resized["format"] == FORMATS[format].extension
    box = {"x": 1, "y": 2, "width": 20, "height": 10}
    cropped = done(ask("crop-image", sent, **box), site, "converted/crop-image", "cropped")
    result = picture(site, cropped["output_url"])
    assert (result.size, result.format) == ((20, 10), format.upper())
    assert size > (32, 32)


def test_animations_stay_animations_when_resized_and_cropped(ask: Ask, site: Site) -> None:
    sent = [("a.gif", pictures.gif(4, 64, 48))]
    for endpoint, parameters, size in (
        ("resize-image", {"width": 32}, (32, 24)),
        ("crop-image", {"x": 1, "y": 1, "width": 62, "height": 46}, (62, 46)),
    ):
        (item,) = ask(endpoint, sent, **parameters).json()["data"]
        result = picture(site, item["output_url"])
        assert (result.n_frames, result.size) == (4, size)


def test_a_crop_cuts_where_asked(ask: Ask, site: Site) -> None:
    sent = pictures.png(200, 100)
    box = {"x": 100, "y": 50, "width": 100, "height": 50}
    item = done(
        ask("crop-image", [("a.png", sent)], **box), site, "converted/crop-image", "cropped"
    )
    expected = pictures.opened(sent).convert("RGB").crop((100, 50, 200, 100))
    assert picture(site, item["output_url"]).convert("RGB").tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "box",
    [{"x": 150, "y": 0, "width": 100, "height": 50}, {"x": -1, "y": 0, "width": 10, "height": 10},
     {"x": 0, "y": 0, "width": 0, "height": 10}, {"x": 0, "y": 0, "width": 10},
     {"x": "left", "y": 0, "width": 10, "height": 10}, {"x": 0, "y": 99, "width": 10, "height": 10},
     {"x": 0, "y": 99_999_999, "width": 10, "height": 10}],
)  # fmt: skip
def test_a_crop_outside_the_picture_is_refused(ask: Ask, box: dict[str, Any]) -> None:
    refused(ask("crop-image", [("a.png", pictures.png(200, 100))], **box), 400)


@pytest.mark.parametrize(
    "sides", [{}, {"width": 0}, {"height": -5}, {"width": "wide"}, {"width": "1e3"}]
)
def test_a_resize_without_a_size_is_refused(ask: Ask, sides: dict[str, Any]) -> None:
    refused(ask("resize-image", [("a.png", pictures.png(20, 20))], **sides), 400)


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        ({"width": 70_000}, "width must be at most 65500 pixels."),
        ({"height": 999_999_999_999}, "height must be at most 65500 pixels."),
        ({"width": 0}, "width must be greater than 0."),
        ({"width": "1e9"}, "width must be a whole number of pixels."),
    ],
)
def test_a_side_that_cannot_be_is_refused_with_the_reason(
    ask: Ask, sides: dict[str, Any], message: str
) -> None:
    sent = [("a.png", pictures.png(20, 20))]
    assert refused(ask("resize-image", sent, **sides), 400) == message


def test_a_photo_too_wide_for_webp_is_refused_with_the_reason(ask: Ask) -> None:
    sent = pictures.saved(Image.new("RGB", (16_400, 8), "teal"), "JPEG")
    (item,) = ask("convert/jpg-to-webp", [("panorama.jpg", sent)]).json()["data"]
    assert item["error"] == "WebP supports sides of at most 16383 pixels, not 16400x8."


def test_fields_in_which_nothing_was_chosen_are_no_files(ask: Ask) -> None:
    answer = ask("compress/jpg", [("", b""), ("a.jpg", fresh_jpeg()), ("", b"")])
    assert answer.json()["summary"] == {"total": 1, "succeeded": 1, "failed": 0}
    message = refused(ask("compress/jpg", [("", b"")] * 5), 400)
    assert message == "No file was sent: use the field image or file."


def test_one_request_brings_no_more_than_50_mb(ask: Ask) -> None:
    half = fresh_jpeg() + bytes(26 * 1024 * 1024)
    for endpoint, files in (("compress/jpg", [half, half]), ("upload", [half + half])):
        message = refused(ask(endpoint, [("a.jpg", file) for file in files]), 413)
        assert message == "Request too large: at most 50 MB in all"
    assert ask("compress/jpg", [("a.jpg", half)]).json()["summary"]["succeeded"] == 1


def test_a_file_above_the_limit_of_the_account_is_refused(ask: Ask, site: Site) -> None:
    key = site.manage("create_api_key", "little").strip()
    site.shell(
        "from accounts.models import Plan, User;"
        "plan = Plan.objects.create(name='Little', file_limit=1536 * 1024);"
        "User.objects.filter(username='little').update(plan=plan)"
    )
    large, small = fresh_jpeg() + bytes(2 * 1024 * 1024), fresh_jpeg()
    message = refused(ask("compress/jpg", [("a.jpg", large)], key=key), 413)
    assert message == "The file is larger than 1.5 MB."
    body = ask("compress/jpg", [("a.jpg", large), ("b.jpg", small)], key=key).json()
    assert [item.get("error") for item in body["data"]] == [message, None]


def test_one_broken_file_leaves_the_others_alone(ask: Ask) -> None:
    files = [
        ("good.jpg", fresh_jpeg()),
        ("corrupt.jpg", pictures.truncated(fresh_jpeg())),
        ("other.png", pictures.png()),
        ("empty.jpg", b""),
        ("good too.jpg", fresh_jpeg()),
    ]
    body = ask("compress/jpg", files, field="image[]").json()
    assert body["summary"] == {"total": 5, "succeeded": 2, "failed": 3}
    assert [item["status"] for item in body["data"]] == [
        "success", "failed", "failed", "failed", "success",
    ]  # fmt: skip
    assert [item["index"] for item in body["data"]] == list(range(5))
    assert body["data"][1] == {
        "status": "failed",
        "index": 1,
        "original_name": "corrupt.jpg",
        "error": "Processing failed",
    }


def test_more_files_than_the_endpoint_takes_are_refused(ask: Ask) -> None:
    refused(ask("compress/jpg", [("a.jpg", fresh_jpeg())] * 6), 400)
    box = {"x": 0, "y": 0, "width": 10, "height": 10}
    refused(ask("crop-image", [("a.jpg", fresh_jpeg())] * 2, **box), 400)


@pytest.mark.parametrize(
    "endpoint", ["compress/jpg", "compress/svg", "convert/heic-to-jpg", "convert/webp-to-jpg"]
)
def test_a_type_that_the_endpoint_does_not_take_is_refused(ask: Ask, endpoint: str) -> None:
    for sent in (pictures.png(), b"just words"):
        message = refused(ask(endpoint, [("a.png", sent)]), 415)
        taken = {"compress/jpg": "jpg", "compress/svg": "svg", "convert/webp-to-jpg": "webp"}
        assert message.endswith(f"takes {taken.get(endpoint, 'heic')}")


@pytest.mark.parametrize("nothing", ["undefined", "null", ""])
def test_what_scripts_send_for_nothing_is_no_side(ask: Ask, site: Site, nothing: str) -> None:
    sent = [("a.png", pictures.png(320, 240))]
    item = done(
        ask("resize-image", sent, width=160, height=nothing),
        site,
        "converted/resize-image",
        "resized",
    )
    assert picture(site, item["output_url"]).size == (160, 120)


def test_an_empty_file_of_a_batch_is_called_empty(ask: Ask) -> None:
    answer = ask("compress/jpg", [("a.jpg", b""), ("b.jpg", fresh_jpeg())]).json()
    assert [item.get("error") for item in answer["data"]] == ["The file is empty", None]


def test_results_count_to_storage_and_can_be_deleted(ask: Ask, site: Site) -> None:
    key = site.manage("create_api_key", "hippo-counted").strip()
    (item,) = ask("compress/jpg", [("a.jpg", fresh_jpeg())], key=key).json()["data"]
    used = "from accounts.models import User; print(User.objects.get(username='hippo-counted').storage_used)"
    assert int(site.shell(used)) == item["output_size"]
    body = json.dumps({"api_key": key, "url": item["output_url"]})
    headers = {"Content-Type": "application/json"}
    assert site.request("DELETE", "/v1/delete", body=body, headers=headers).status == 200
    assert int(site.shell(used)) == 0


def test_metadata_is_gone_from_results(ask: Ask, site: Site) -> None:
    sent = pictures.jpeg(400, 300, gps=True, orientation=6)
    for endpoint, parameters in (("compress/jpg", {}), ("resize-image", {"width": 200})):
        (item,) = ask(endpoint, [("a.jpg", sent)], **parameters).json()["data"]
        stored = site.get(item["output_url"]).data
        assert b"SECRET" not in stored
        result = Image.open(BytesIO(stored))
        assert not dict(result.getexif())
        assert result.width > result.height


def test_files_that_fail_for_reasons_of_their_own_are_reported_one_by_one(ask: Ask) -> None:
    files = [("a.txt", b"words"), ("b.png", pictures.truncated(pictures.png()))]
    values = ask("compress-image", files)
    assert values.status == 200
    assert [item["status"] for item in values.json()["data"]] == ["failed", "failed"]
    assert len({item["error"] for item in values.json()["data"]}) == 2
