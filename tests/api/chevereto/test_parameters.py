"""Every parameter of the API's page, and what is wrong with a bad one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from tests import pictures
from tests.api.chevereto.conftest import Upload, fresh_jpeg, fresh_png
from tests.conftest import People
from tests.live import Answer, Site

pytestmark = pytest.mark.live


def refused(answer: Answer, code: int) -> str:
    """Check that `answer` is an error of this code in the dialect's shape; return its message."""
    assert answer.status == 400, answer.text
    body = answer.json()
    assert set(body) >= {"status_code", "error", "status_txt"}
    assert (body["status_code"], body["status_txt"]) == (400, "Bad Request")
    assert body["error"]["code"] == code, body
    return str(body["error"]["message"])


def seconds_left(image: dict[str, str]) -> float:
    end = datetime.strptime(image["expiration_date_gmt"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return (end - datetime.now(UTC)).total_seconds()


def test_words_about_the_file_are_kept(upload: Upload, people: People, site: Site) -> None:
    image = upload(
        fresh_png(),
        title="Žąsys  prie\tupės",
        description="Two lines.\nOf text.",
        tags="geese, river,geese",
        category_id=people.category,
        nsfw=1,
    ).json()["image"]
    assert image["title"] == "Žąsys prie upės"
    assert image["description"] == "Two lines.\nOf text."
    assert image["tags_string"] == "geese, river"
    assert image["tags"][0] == {
        "name": "geese",
        "name_safe_html": "geese",
        "url_key": "geese",
        "url": f"{site.url}/tag/geese",
    }
    assert (image["category_id"], image["nsfw"]) == (people.category, 1)


def test_controls_and_what_turns_text_around_are_taken_out(upload: Upload) -> None:
    image = upload(
        fresh_png(), title="holiday\u202egpj\x07.exe", description="a\x00b\r\nc\u2066d"
    ).json()["image"]
    assert image["title"] == "holidaygpj.exe"
    assert image["description"] == "ab\ncd"


def test_name_is_another_word_for_title(upload: Upload) -> None:
    assert upload(fresh_png(), name="A name").json()["image"]["title"] == "A name"


def test_the_key_may_stand_in_the_form_the_query_or_the_header_and_the_header_wins(
    upload: Upload, people: People, site: Site
) -> None:
    assert upload(fresh_png(), key="", **{}).status == 400
    part = {"source": ("a.png", fresh_png()), "key": people.alice}
    assert site.post("/api/1/upload", fields=part).status == 200
    part = {"source": ("a.png", fresh_png())}
    assert site.post(f"/api/1/upload?key={people.alice}", fields=part).status == 200
    part = {"source": ("a.png", fresh_png()), "key": people.alice}
    wrong = site.post("/api/1/upload", fields=part, headers={"X-API-Key": "chv_wrong"})
    assert refused(wrong, 100) == "Invalid API key."


def test_an_own_album_takes_the_file_and_anothers_does_not(upload: Upload, people: People) -> None:
    assert upload(fresh_png(), album_id=people.alices_album).status == 200
    assert "album" in refused(upload(fresh_png(), album_id=people.bobs_album), 400)
    assert "album" in refused(upload(fresh_png(), album_id="nothing"), 400)
    refused(upload(fresh_png(), key=people.guest, album_id=people.alices_album), 400)


@pytest.mark.parametrize("nothing", ["", "undefined", "null"])
def test_a_scripts_word_for_nothing_is_nothing(upload: Upload, nothing: str) -> None:
    names = ("album_id", "category_id", "width", "expiration", "nsfw")
    image = upload(fresh_png(), **dict.fromkeys(names, nothing)).json()["image"]
    assert (image["category_id"], image["expiration_date_gmt"], image["nsfw"]) == (None, None, 0)


@pytest.mark.parametrize("category", ["999999", "animals", "-1", "1.5", "9" * 40])
def test_an_unknown_category_is_named(upload: Upload, category: str) -> None:
    assert "category" in refused(upload(fresh_png(), category_id=category), 400)


@pytest.mark.parametrize(
    ("expiration", "seconds"),
    [("PT5M", 300), ("P3D", 259200), ("900", 900), ("P1M", 2630000), ("p1dt12h", 129600), ("1", 300),
     ("P90Y", 31536000), ("PT1S", 300)],
)  # fmt: skip
def test_an_expiration_is_an_interval_or_seconds_within_bounds(
    upload: Upload, expiration: str, seconds: int
) -> None:
    image = upload(fresh_png(), expiration=expiration).json()["image"]
    assert seconds_left(image) == pytest.approx(seconds, abs=20)


@pytest.mark.parametrize(
    "rubbish", ["soon", "P", "PT", "-5", "0", "5m", "P3D ago", "\uff11\uff12", "PT5M;DROP"]
)
def test_a_rubbish_expiration_is_an_error_and_nothing_is_stored(
    upload: Upload, rubbish: str
) -> None:
    assert "expiration" in refused(upload(fresh_png(), expiration=rubbish), 400)


def test_without_expiration_a_file_stays(upload: Upload) -> None:
    assert upload(fresh_png()).json()["image"]["expiration_date_gmt"] is None


def test_an_expiring_file_is_served_by_the_check_with_ranges_and_no_shared_caching(
    upload: Upload, site: Site
) -> None:
    sent = fresh_jpeg()
    image = upload(sent, expiration="PT5M").json()["image"]
    whole = site.get(image["url"])
    assert whole.status == 200
    assert "immutable" not in whole.headers["Cache-Control"]
    assert "private" in whole.headers["Cache-Control"]
    part = site.get(image["url"], headers={"Range": "bytes=2-9"})
    assert (part.status, part.data) == (206, whole.data[2:10])
    assert part.headers["Content-Range"] == f"bytes 2-9/{len(whole.data)}"
    again = site.get(image["url"], headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status == 304


def test_width_makes_the_stored_picture_smaller_and_keeps_its_shape(
    upload: Upload, site: Site
) -> None:
    sent = fresh_jpeg(1200, 900)
    image = upload(sent, width=600).json()["image"]
    assert (image["width"], image["height"]) == (600, 450)
    assert Image.open(BytesIO(site.get(image["url"]).data)).size == (600, 450)
    assert image["source_md5"]
    assert image["source_md5"] != image["md5"]


@pytest.mark.parametrize("width", [640, 641, 5000, "99999999999"])
def test_a_width_at_or_above_the_pictures_own_changes_nothing(
    upload: Upload, site: Site, width: int | str
) -> None:
    sent = fresh_jpeg(640, 480)
    image = upload(sent, width=width).json()["image"]
    assert (image["width"], image["source_md5"]) == (640, None)
    stored = Image.open(BytesIO(site.get(image["url"]).data))
    assert stored.tobytes() == Image.open(BytesIO(sent)).tobytes()


@pytest.mark.parametrize("width", ["wide", "0", "000", "-3", "1e3"])
def test_a_rubbish_width_is_an_error(upload: Upload, width: str) -> None:
    assert "width" in refused(upload(fresh_png(), width=width), 400)


def test_width_leaves_animations_alone(upload: Upload) -> None:
    sent = pictures.gif(4, 128, 96)
    assert upload(sent, width=10, allow_duplicate=1).json()["image"]["width"] == 128


def test_nsfw_is_nought_or_one(upload: Upload) -> None:
    assert upload(fresh_png(), nsfw="0").json()["image"]["nsfw"] == 0
    assert "nsfw" in refused(upload(fresh_png(), nsfw="maybe"), 400)


@pytest.mark.parametrize("tag", ["a/b", "x" * 33, "###", "\u202eevil"])
def test_a_tag_that_cannot_be_one_is_an_error(upload: Upload, tag: str) -> None:
    assert "tag" in refused(upload(fresh_png(), tags=f"fine,{tag}"), 400)


def test_format_txt_answers_the_direct_link_alone(upload: Upload, site: Site) -> None:
    answer = upload(fresh_png(), format="txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert site.get(answer.text).status == 200


def test_format_redirect_sends_to_the_view_page(upload: Upload, site: Site) -> None:
    answer = upload(fresh_png(), format="redirect", title="Go there")
    assert answer.status == 302
    assert answer.headers["Location"].startswith("/image/Go-there.")
    assert site.get(answer.headers["Location"]).status == 200


@pytest.mark.parametrize("format", ["txt", "redirect"])
def test_errors_in_txt_and_redirect_are_plain_text_with_an_error_status(
    upload: Upload, format: str
) -> None:
    answer = upload(b"no picture", format=format)
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Location" not in answer.headers
    assert not answer.text.startswith("{")


def test_an_unknown_format_is_json(upload: Upload) -> None:
    assert upload(fresh_png(), format="xml").json()["status_code"] == 200


def test_the_file_date_is_for_administrators(upload: Upload, people: People) -> None:
    def dated() -> bytes:
        exif = pictures.exif(1)
        return pictures.saved(pictures.opened(fresh_jpeg(80, 60)), "JPEG", exif=exif)

    def day(key: str) -> str:
        image = upload(dated(), key=key, use_file_date=1).json()["image"]
        assert image["date_gmt"][:10].replace("-", "/") in image["url"]
        return str(image["date_gmt"][:10])

    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert day(people.admin) != today
    assert day(people.alice) == today


def test_fields_that_nobody_knows_are_passed_over(upload: Upload) -> None:
    assert upload(fresh_png(), action="upload", auth_token="x").status == 200


def test_the_answer_is_never_cached_and_any_page_may_read_it(upload: Upload) -> None:
    headers = upload(fresh_png()).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_exif_is_returned_as_a_json_text(upload: Upload) -> None:
    exif = pictures.exif(1)
    sent = pictures.saved(pictures.opened(fresh_jpeg(90, 60)), "JPEG", exif=exif)
    body = json.loads(upload(sent).json()["image"]["original_exifdata"])
    assert body["Make"]
