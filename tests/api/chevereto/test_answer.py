"""The image object: every field of the API page's example, with its type and its meaning."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from io import BytesIO

import pytest
from PIL import Image

from tests import pictures
from tests.api.chevereto.conftest import Upload, fresh_jpeg, fresh_png
from tests.live import Site

pytestmark = pytest.mark.live

# The fields of the example on the API's page, without `frame`, which only videos have.
FIELDS = """
name extension size width height date date_gmt title tags description nsfw storage_mode md5
source_md5 original_filename original_exifdata views category_id chain thumb_size medium_size
frame_size expiration_date_gmt likes is_animated is_approved is_360 duration type tags_string file
id_encoded filename mime url ratio size_formatted image thumb url_frame medium duration_time
url_viewer path_viewer url_short display_url display_width display_height views_label likes_label
how_long_ago date_fixed_peer title_truncated title_truncated_html is_use_loader display_title
delete_url
""".split()


def test_the_answer_has_every_field_of_the_example_in_its_order(upload: Upload) -> None:
    answer = upload(fresh_jpeg(1200, 900), filename="My holiday.jpg").json()
    assert list(answer) == ["status_code", "success", "image", "status_txt"]
    assert answer["success"] == {"message": "file uploaded", "code": 200}
    assert list(answer["image"]) == FIELDS


def test_a_photo_comes_back_with_its_measures_and_links(upload: Upload, site: Site) -> None:
    sent = fresh_jpeg(1200, 900)
    image = upload(sent, filename="My holiday_photo.jpg").json()["image"]
    stored = site.get(image["url"]).data
    assert (image["width"], image["height"], image["extension"]) == (1200, 900, "jpg")
    assert image["mime"] == image["image"]["mime"] == "image/jpeg"
    assert image["size"] == image["image"]["size"] == len(stored)
    assert image["md5"] == hashlib.md5(stored).hexdigest()
    assert image["source_md5"] is None
    assert image["title"] == image["display_title"] == "My holiday photo"
    assert image["original_filename"] == "My holiday_photo.jpg"
    assert image["ratio"] == pytest.approx(4 / 3)
    assert image["type"] == "image"
    assert image["chain"] == 7
    assert image["file"] == {"resource": {"type": "url"}}
    assert image["url"].startswith(site.url + "/images/")
    assert image["filename"] == image["url"].rpartition("/")[2]
    assert image["url_viewer"] == site.url + image["path_viewer"]
    assert image["path_viewer"] == f"/image/My-holiday-photo.{image['id_encoded']}"
    assert image["url_short"] == f"{site.url}/image/{image['id_encoded']}"
    assert image["delete_url"].startswith(f"{image['url_short']}/delete/")
    assert image["how_long_ago"] == "moments ago"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", image["date_gmt"])
    assert (image["views"], image["views_label"], image["likes_label"]) == (0, "views", "likes")


def test_thumb_and_medium_are_what_the_answer_says(upload: Upload, site: Site) -> None:
    image = upload(fresh_jpeg(1200, 900)).json()["image"]
    for name, size in (("thumb", (320, 320)), ("medium", (500, 375))):
        data = site.get(image[name]["url"]).data
        assert Image.open(BytesIO(data)).size == size
        assert image[name]["size"] == image[f"{name}_size"] == len(data)
        assert set(image[name]) == {"filename", "name", "mime", "extension", "url", "size"}
    assert image["display_url"] == image["medium"]["url"]
    assert (image["display_width"], image["display_height"]) == (500, 375)


def test_a_small_picture_has_no_medium_and_says_so_with_five_nulls(upload: Upload) -> None:
    image = upload(fresh_png(400, 300), filename="small.png").json()["image"]
    assert image["medium"] == dict.fromkeys(("filename", "name", "mime", "extension", "url"))
    assert (image["medium_size"], image["chain"]) == (0, 5)
    assert image["url_frame"] == ""
    assert "frame" not in image


def test_the_bytes_of_an_upright_jpeg_are_not_encoded_again(upload: Upload, site: Site) -> None:
    sent = fresh_jpeg(640, 480, gps=True)
    image = upload(sent).json()["image"]
    stored = site.get(image["url"]).data
    assert Image.open(BytesIO(stored)).tobytes() == Image.open(BytesIO(sent)).tobytes()


def test_the_place_is_neither_returned_nor_served(upload: Upload, site: Site) -> None:
    image = upload(fresh_jpeg(900, 600, gps=True)).json()["image"]
    exif = json.loads(image["original_exifdata"] or "{}")
    assert not [name for name in exif if "GPS" in name or "Serial" in name]
    for name in ("image", "thumb", "medium"):
        stored = Image.open(BytesIO(site.get(image[name]["url"]).data))
        assert not dict(stored.getexif())
        assert b"SECRET" not in site.get(image[name]["url"]).data


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_jpeg_is_served_upright(upload: Upload, site: Site, orientation: int) -> None:
    sent = pictures.jpeg(640 + 16 * orientation, 480, orientation=orientation)
    image = upload(sent).json()["image"]
    assert (image["width"], image["height"]) == (640 + 16 * orientation, 480)
    stored = Image.open(BytesIO(site.get(image["url"]).data))
    assert stored.size == (640 + 16 * orientation, 480)
    assert pictures.looks_like_corners(stored)
    assert pictures.looks_like_corners(Image.open(BytesIO(site.get(image["medium"]["url"]).data)))


@pytest.mark.parametrize(
    ("format", "mime", "extension", "kind"),
    [
        ("jpeg", "image/jpeg", "jpg", "image"),
        ("png", "image/png", "png", "image"),
        ("gif", "image/gif", "gif", "image"),
        ("webp", "image/webp", "webp", "image"),
        ("avif", "image/avif", "avif", "image"),
        ("bmp", "image/png", "png", "image"),
        ("tiff", "image/png", "png", "image"),
        ("heic", "image/jpeg", "jpg", "image"),
        ("svg", "image/svg+xml", "svg", "image"),
        ("mp4", "video/mp4", "mp4", "video"),
        ("webm", "video/webm", "webm", "video"),
        ("mov", "video/quicktime", "mov", "video"),
    ],
)
def test_every_format_is_taken_whatever_its_name_and_served_as_a_browser_can_show_it(
    upload: Upload, site: Site, format: str, mime: str, extension: str, kind: str
) -> None:
    answer = upload(pictures.sample(format), filename="misnamed.txt", allow_duplicate=1)
    assert answer.status == 200, answer.text
    image = answer.json()["image"]
    assert (image["mime"], image["extension"], image["type"]) == (mime, extension, kind)
    served = site.get(image["url"])
    assert served.headers["Content-Type"] == mime
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(BytesIO(site.get(image["thumb"]["url"]).data)).size == (320, 320)


def test_an_animation_says_so_and_has_a_medium(upload: Upload, site: Site) -> None:
    image = upload(pictures.gif(5), filename="moving.gif", allow_duplicate=1).json()["image"]
    assert image["is_animated"] == 1
    assert image["chain"] & 2
    assert Image.open(BytesIO(site.get(image["url"]).data)).n_frames == 5


def test_a_video_has_a_frame_its_length_and_a_video_address(upload: Upload, site: Site) -> None:
    sent = pictures.video("mp4", seconds=2.0)
    image = upload(sent, filename="clip.mp4", allow_duplicate=1).json()["image"]
    assert image["chain"] == 21
    assert (image["duration"], image["duration_time"]) == (2, "00:02")
    assert image["frame"]["mime"] == "image/jpeg"
    assert image["url_frame"] == image["display_url"] == image["frame"]["url"]
    assert Image.open(BytesIO(site.get(image["url_frame"]).data)).size == (320, 240)
    assert image["path_viewer"].startswith("/video/")


def test_transparent_pictures_keep_their_transparency_in_the_thumb(
    upload: Upload, site: Site
) -> None:
    image = upload(pictures.png(700, 500, mode="RGBA"), filename="clear.png").json()["image"]
    for name in ("image", "thumb", "medium"):
        stored = Image.open(BytesIO(site.get(image[name]["url"]).data)).convert("RGBA")
        assert stored.getpixel((stored.width - 5, stored.height // 2))[3] == 0


def test_an_original_that_had_to_change_is_kept_for_its_owner_alone(
    upload: Upload, site: Site
) -> None:
    image = upload(pictures.heic(640, 480), filename="phone.heic", allow_duplicate=1).json()[
        "image"
    ]
    original = image["url"].replace(".jpg", ".original.heic")
    assert site.get(original).status == 404


def test_hostile_names_and_titles_come_back_as_text(upload: Upload) -> None:
    title = '"><script>alert(1)</script>' + "x" * 120
    image = upload(fresh_png(), filename='../../etc/"passwd\n.png', title=title).json()["image"]
    assert image["title"] == title[:100]
    assert len(image["title_truncated"]) == 28
    assert "<" not in image["title_truncated_html"]
    assert re.fullmatch(r"[A-Za-z0-9.-]+", image["filename"])


def test_base64_and_the_file_part_store_the_same(upload: Upload) -> None:
    sent = fresh_png()
    text = base64.b64encode(sent).decode()
    first = upload(text).json()["image"]
    second = upload(sent, allow_duplicate=1).json()["image"]
    assert first["md5"] == second["md5"]
