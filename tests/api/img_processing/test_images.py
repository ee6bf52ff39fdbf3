"""Images as resources: sent, found, listed, downloaded, published, deleted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import pictures
from tests.api.chevereto.conftest import fresh_jpeg, fresh_png
from tests.api.img_processing.conftest import JSON, Api, invalid, made, newcomer, refused
from tests.live import Site

pytestmark = pytest.mark.live


def test_an_upload_is_answered_with_an_image_as_documented(live: Api) -> None:
    sent = fresh_jpeg(800, 600)
    image = live.image(sent, "My first image")
    assert list(image) == [
        "id", "name", "url", "width", "height", "format", "size", "created_at",
    ]  # fmt: skip
    assert re.fullmatch(r"image_[a-zA-Z0-9]{24}", image["id"])
    assert (image["name"], image["url"]) == ("My first image", None)
    assert (image["width"], image["height"], image["format"]) == (800, 600, "jpeg")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", image["created_at"])
    assert live.pixels(image).size == (800, 600)
    assert live.ask("GET", f"/{image['id']}").json() == image


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_an_image_keeps_its_format(live: Api, format: str) -> None:
    image = live.image(pictures.sample(format))
    assert image["format"] == format
    assert live.pixels(image)


@pytest.mark.parametrize("format", ["svg", "gif", "bmp", "tiff", "avif", "heic"])
def test_other_formats_are_refused_with_a_list_of_reasons(live: Api, format: str) -> None:
    assert "jpeg, png, webp" in invalid(live.send(pictures.sample(format), name="x"))[0]


def test_what_is_no_picture_is_refused(live: Api) -> None:
    invalid(live.send(b"just words", name="x"))
    invalid(live.send(b"", name="x"))
    invalid(live.send(pictures.truncated(fresh_jpeg()), name="x"))


def test_a_file_of_more_than_20_megabytes_is_refused(live: Api) -> None:
    large = pictures.png() + bytes(20 * 1024 * 1024)
    refused(live.send(large, name="x"), 413, "Payload Too Large")


def test_a_name_has_one_to_thirty_characters(live: Api) -> None:
    assert live.image(fresh_png(), "ñ" * 30)["name"] == "ñ" * 30
    for name in ("", "x" * 31, "undefined"):
        assert "name" in invalid(live.send(fresh_png(), name=name))[0]
    assert "name" in invalid(live.send(fresh_png()))[0]


def test_a_file_has_to_be_sent(live: Api) -> None:
    assert "image" in invalid(live.ask("POST", "/upload", fields={"name": "x"}))[0]
    assert "image" in invalid(live.ask("POST", "/upload", fields={"image": "text", "name": "x"}))[0]


def test_metadata_is_gone_and_the_picture_is_upright(live: Api) -> None:
    image = live.image(pictures.jpeg(400, 300, gps=True, orientation=6))
    assert (image["width"], image["height"]) in {(400, 300), (300, 400)}
    answer = live.ask("GET", f"/{image['id']}/download")
    assert b"SECRET" not in answer.data
    assert not dict(live.pixels(image).getexif())


def test_the_same_picture_twice_is_two_images(live: Api) -> None:
    sent = fresh_png()
    assert live.image(sent)["id"] != live.image(sent)["id"]


def test_the_download_is_for_who_has_the_key(live: Api, site: Site) -> None:
    image = live.image(fresh_png())
    refused(site.get(f"/v1/images/{image['id']}/download"), 401, "Unauthorized")
    answer = live.ask("GET", f"/{image['id']}/download")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "no-store"


# --- Who sees what


def links_to(site: Site, image_id: str) -> list[str]:
    """Every address at which the bytes could be: what the site knows, and both areas of its storage."""
    code = (
        "from hosting.models import HostedFile;"
        f"print(HostedFile.objects.get(public_id='{image_id.removeprefix('image_')}').path)"
    )
    path = site.shell(code).strip()
    return [f"/{path}", f"/public/{path}", f"/guarded/{path}"]


def lies_open(site: Site, link: str) -> bool:
    return (site.folder / "files" / "public" / link.lstrip("/")).exists()


def test_no_link_works_before_publishing_nor_after_unpublishing(live: Api, site: Site) -> None:
    image = live.image(fresh_jpeg())
    links = links_to(site, image["id"])
    assert [site.get(link).status for link in links] == [404, 404, 404]
    assert not lies_open(site, links[0])

    published = live.change(image, "publish")
    assert published["url"] == site.url + links[0]
    assert {**published, "url": None} == image
    assert len(site.get(published["url"]).data) == image["size"]
    assert lies_open(site, links[0])

    assert live.change(image, "unpublish") == image
    assert [site.get(link).status for link in links] == [404, 404, 404]
    assert not lies_open(site, links[0])
    assert live.pixels(image)


def test_publishing_and_unpublishing_twice_is_the_same_as_once(live: Api, site: Site) -> None:
    image = live.image(fresh_png())
    first, second = live.change(image, "publish"), live.change(image, "publish")
    assert first == second
    assert site.get(first["url"]).status == 200
    assert live.change(image, "unpublish") == live.change(image, "unpublish") == image
    again = live.change(image, "publish")
    assert again == first
    assert site.get(again["url"]).status == 200


def test_an_image_has_no_page_before_it_is_published(live: Api, site: Site) -> None:
    image = live.image(fresh_png())
    page = f"/image/{image['id'].removeprefix('image_')}"
    assert site.get(page).status == 404
    live.change(image, "publish")
    answer = site.get(page)
    if answer.status == 302:
        answer = site.get(answer.headers["Location"])
    assert answer.status == 200


def test_deleting_takes_the_published_link_and_the_bytes_with_it(live: Api, site: Site) -> None:
    image = live.image(fresh_png())
    url = live.change(image, "publish")["url"]
    answer = live.ask("DELETE", f"/{image['id']}")
    assert (answer.status, answer.data) == (204, b"")
    assert site.get(url).status == 404
    for folder in ("public", "guarded"):
        assert not (site.folder / "files" / folder / url.removeprefix(site.url + "/")).exists()
    for path in ("", "/download"):
        reasons = refused(live.ask("GET", f"/{image['id']}{path}"), 404, "Not Found")
        assert reasons == [f"Image with id {image['id']} not found."]
    refused(live.ask("DELETE", f"/{image['id']}"), 404, "Not Found")


ON_ONE = [
    ("GET", ""), ("DELETE", ""), ("GET", "/download"), ("POST", "/publish"), ("POST", "/unpublish"),
    ("POST", "/blur"), ("POST", "/remove-background"), ("POST", "/classify"),
    ("POST", "/extract-formatted-text"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ON_ONE)
def test_anothers_image_is_not_found(live: Api, other: Api, method: str, path: str) -> None:
    image = live.image(fresh_png())
    reasons = refused(other.ask(method, f"/{image['id']}{path}"), 404, "Not Found")
    assert reasons == [f"Image with id {image['id']} not found."]
    assert live.pixels(image)


@pytest.mark.parametrize("id", ["image_exampleid", "1", "image_" + "x" * 24, "x" * 2000, "%00"])
def test_an_unknown_id_is_not_found(live: Api, id: str) -> None:
    reasons = refused(live.ask("GET", f"/{id}"), 404, "Not Found")
    assert reasons[0].startswith("Image with id ")


def test_what_came_by_another_api_is_no_image_here(live: Api, site: Site) -> None:
    fields = {"source": ("a.png", fresh_png()), "key": live.key}
    body = site.post("/api/1/upload", fields=fields).json()["image"]
    refused(live.ask("GET", f"/image_{body['id_encoded']}"), 404, "Not Found")
    assert body["title"] not in [image["name"] for image in live.list("?take=100")["data"]]


# --- The list


@pytest.fixture(scope="module")
def seven(site: Site) -> tuple[Api, list[dict[str, object]]]:
    """An account with seven images, the newest first."""
    api = newcomer(site, "collector")
    return api, [api.image(pictures.png(8, 8), f"Number {n}") for n in range(7)][::-1]


def test_the_list_goes_from_the_newest_to_the_oldest(seven: tuple[Api, list[object]]) -> None:
    api, images = seven
    assert api.list() == {"data": images, "links": {"previous": None, "next": None}}


def test_the_links_lead_through_the_list_and_back(
    site: Site, seven: tuple[Api, list[dict[str, object]]]
) -> None:
    api, images = seven
    first = api.list("?take=3")
    assert first["data"] == images[:3]
    assert first["links"]["previous"] is None
    assert first["links"]["next"] == f"{site.url}/v1/images?take=3&from={images[3]['id']}"

    second = api.list(first["links"]["next"].removeprefix(f"{site.url}/v1/images"))
    assert second["data"] == images[3:6]
    third = api.list(second["links"]["next"].removeprefix(f"{site.url}/v1/images"))
    assert third["data"] == images[6:]
    assert third["links"]["next"] is None

    back = api.list(third["links"]["previous"].removeprefix(f"{site.url}/v1/images"))
    assert back == second
    assert api.list(back["links"]["previous"].removeprefix(f"{site.url}/v1/images")) == first


@pytest.mark.parametrize("query", ["?take=2&from=undefined", "?take=2&from=null", "?take=2&from="])
def test_junk_of_clients_is_as_if_it_was_not_there(
    seven: tuple[Api, list[object]], query: str
) -> None:
    api, images = seven
    assert api.list(query)["data"] == images[:2]


@pytest.mark.parametrize("take", ["0", "101", "-1", "2.5", "many"])
def test_a_take_that_cannot_be_is_refused(live: Api, take: str) -> None:
    assert "take" in invalid(live.ask("GET", f"?take={take}"))[0]


def test_the_list_begins_with_no_image_of_others(
    other: Api, seven: tuple[Api, list[dict[str, object]]]
) -> None:
    refused(other.ask("GET", f"?from={seven[1][0]['id']}"), 404, "Not Found")


# --- Room


def test_images_count_to_storage_and_a_full_account_is_refused(site: Site) -> None:
    api = newcomer(site, "hoarder")
    image = api.image(fresh_jpeg())
    used = (
        "from accounts.models import User; print(User.objects.get(username='hoarder').storage_used)"
    )
    assert int(site.shell(used)) == image["size"]

    site.manage("set_account", "hoarder", "--storage-limit", str(image["size"]))
    refused(api.send(fresh_jpeg(), name="x"), 413, "Payload Too Large")
    refused(api.post(f"/{image['id']}/blur"), 413, "Payload Too Large")
    assert len(api.list()["data"]) == 1

    api.ask("DELETE", f"/{image['id']}")
    assert int(site.shell(used)) == 0


def test_nothing_is_left_behind_by_what_fails(live: Api, site: Site) -> None:
    def stored() -> set[Path]:
        return {path for path in (site.folder / "files").rglob("*") if path.is_file()}

    before = stored()
    invalid(live.send(pictures.truncated(fresh_jpeg()), name="x"))
    assert stored() == before


# --- Ways of asking


@pytest.mark.parametrize(
    "headers",
    [{}, JSON, {"Content-Type": "text/plain"}, {"Content-Type": "multipart/form-data"},
     {"Content-Type": "application/x-www-form-urlencoded"}],
)  # fmt: skip
@pytest.mark.parametrize("body", [None, "", "{}"])
def test_what_has_no_parameters_takes_any_kind_of_nothing(
    live: Api, headers: dict[str, str], body: str | None
) -> None:
    if body == "{}" and "multipart" in headers.get("Content-Type", ""):
        body = ""
    image = live.image(pictures.png(16, 16))
    for path in ("publish", "unpublish", "blur"):
        made(live.ask("POST", f"/{image['id']}/{path}", headers=headers, body=body))


@pytest.mark.parametrize(
    "kind",
    ["application/json; charset=utf-8", "text/plain;charset=UTF-8", "application/octet-stream"],
)
def test_json_is_read_whatever_it_calls_itself(live: Api, kind: str) -> None:
    image = live.image(pictures.png(40, 20))
    answer = live.ask(
        "POST", f"/{image['id']}/resize", headers={"Content-Type": kind}, body='{"width": 10}'
    )
    assert (made(answer)["width"], answer.json()["height"]) == (10, 5)


def test_a_form_is_read_as_well(live: Api) -> None:
    image = live.image(pictures.png(40, 20))
    fields = {"width": "10", "height": "10", "name": "Square"}
    for multipart in (True, False):
        answer = live.ask(
            "POST", f"/{image['id']}/resize", fields=fields, encode_multipart=multipart
        )
        assert (made(answer)["height"], answer.json()["name"]) == (10, "Square")


@pytest.mark.parametrize("field", ["api_key", "key"])
def test_the_key_may_stand_in_the_query_and_in_the_body(live: Api, site: Site, field: str) -> None:
    assert site.get(f"/v1/images?{field}={live.key}").status == 200
    fields = {"image": ("blob", fresh_png()), "name": "x", field: live.key}
    assert made(site.post("/v1/images/upload", fields=fields))
    body = json.dumps({field: live.key})
    image = live.image(pictures.png(8, 8))
    assert site.post(f"/v1/images/{image['id']}/publish", body=body, headers=JSON).status == 201


@pytest.mark.parametrize("path", ["", "/upload", "/image_x", "/image_x/blur", "/nothing/at/all"])
def test_a_trailing_slash_changes_nothing(live: Api, path: str) -> None:
    for method in ("GET", "POST"):
        plain, slashed = live.ask(method, path), live.ask(method, f"{path}/")
        assert (plain.status, plain.data) == (slashed.status, slashed.data)
