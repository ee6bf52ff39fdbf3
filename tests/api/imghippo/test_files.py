"""Imghippo's upload and delete, as its page shows them and as its callers use them."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests import pictures
from tests.api.chevereto.conftest import fresh_jpeg, fresh_png
from tests.api.imghippo.conftest import Ask, picture
from tests.conftest import People
from tests.live import Answer, Site

pytestmark = pytest.mark.live


def refused(answer: Answer, status: int) -> str:
    """Check that `answer` is an error in the dialect's shape; return its message."""
    body = answer.json()
    assert (answer.status, body["status"], body["success"]) == (status, status, False), body
    assert set(body) == {"success", "status", "message"}
    return str(body["message"])


def test_an_upload_is_answered_as_the_page_shows(ask: Ask, site: Site) -> None:
    sent = fresh_jpeg(800, 600)
    answer = ask("upload", [("my photo.jpg", sent)], field="file", title="My photo").json()
    assert list(answer) == ["success", "status", "message", "data"]
    assert (answer["success"], answer["status"]) == (True, 200)
    assert answer["message"] == "Uploaded successfully"
    data = answer["data"]
    assert list(data) == ["title", "url", "view_url", "extension", "size", "created_at"]
    assert (data["title"], data["extension"]) == ("My photo", "jpg")
    assert re.fullmatch(rf"{site.url}/files/[A-Za-z0-9]+\.jpg", data["url"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", data["created_at"])
    assert picture(site, data["url"]).size == (800, 600)
    assert data["size"] == len(site.get(data["url"]).data)
    assert data["view_url"] == data["url"]


def test_the_same_picture_twice_has_two_links(ask: Ask) -> None:
    sent = fresh_png()
    first, second = (ask("upload", [("a.png", sent)], field="file").json() for _ in range(2))
    assert first["data"]["url"] != second["data"]["url"]


@pytest.mark.parametrize("field", ["file", "image", "file[]", "image[]"])
def test_the_file_goes_by_any_of_its_names(ask: Ask, field: str) -> None:
    assert ask("upload", [("a.png", fresh_png())], field=field).status == 200


@pytest.mark.parametrize("where", ["header", "x-api-key", "query", "json"])
def test_the_key_stands_where_callers_put_it(site: Site, people: People, where: str) -> None:
    fields = {"file": ("a.png", fresh_png())}
    if where == "header":
        answer = site.post("/v1/upload", fields=fields, headers={"api_key": people.alice})
    elif where == "x-api-key":
        answer = site.post("/v1/upload", fields=fields, headers={"X-API-Key": people.alice})
    elif where == "query":
        answer = site.post(f"/v1/upload?api_key={people.alice}", fields=fields)
    else:
        text = "data:image/png;base64," + base64.b64encode(fresh_png()).decode()
        answer = site.post(
            "/v1/upload/",
            body=json.dumps({"api_key": people.alice, "file": text}),
            headers={"Content-Type": "application/json"},
        )
    assert answer.json()["success"] is True, answer.text


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_deleting_takes_the_file_away(ask: Ask, site: Site, people: People, kind: str) -> None:
    url = ask("upload", [("a.png", fresh_png())], field="file").json()["data"]["url"]
    sent = {"api_key": people.alice, "url": url}
    body = json.dumps(sent) if "json" in kind else "&".join(f"{k}={v}" for k, v in sent.items())
    answer = site.request("DELETE", "/v1/delete", body=body, headers={"Content-Type": kind})
    assert answer.json() == {
        "success": True,
        "status": 200,
        "message": "File deleted successfully",
        "deleted_url": url,
    }
    assert site.get(url).status == 404
    again = site.request("DELETE", "/v1/delete", body=body, headers={"Content-Type": kind})
    refused(again, 404)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", ""], ids=["form", "none"])
def test_json_that_calls_itself_a_form_is_read_as_what_it_is(
    ask: Ask, site: Site, people: People, kind: str
) -> None:
    url = ask("upload", [("a.png", fresh_png())], field="file").json()["data"]["url"]
    body = "\n " + json.dumps({"api_key": people.alice, "url": url}, indent=2)
    answer = site.request("DELETE", "/v1/delete", body=body, headers={"Content-Type": kind})
    assert answer.json()["deleted_url"] == url
    assert site.get(url).status == 404


def test_a_picture_in_json_that_calls_itself_a_form_arrives_whole(
    site: Site, people: People
) -> None:
    sent = fresh_jpeg(1600, 1200)
    body = json.dumps({"api_key": people.alice, "file": base64.b64encode(sent).decode()})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = site.post("/v1/upload", body=body, headers=headers)
    assert picture(site, answer.json()["data"]["url"]).size == (1600, 1200)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{{brace}}=1&api_key={key}", 400),  # a form after all: the key is found, the file is not
        ('{{"api_key": "{key}"', 401),
        ("{{" * 9_000 + "&api_key={key}", 400),
        ("{{" * 20_000 + "&api_key={key}", 400),
        ('{{"api_key": "{key}", "a": [' + "1," * 20_000 + "1]}}", 400),
        ("{{=1" + "&" * 70_000 + "api_key={key}", 400),
    ],
    ids=["a form", "cut off", "deep", "deeper", "many values", "many fields"],
)
def test_a_form_that_begins_like_json_is_bounded_like_both(
    site: Site, people: People, body: str, status: int
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = body.format(key=people.alice)
    refused(site.request("DELETE", "/v1/delete", body=sent, headers=headers), status)


def test_only_own_files_can_be_deleted(ask: Ask, site: Site, people: People) -> None:
    url = ask("upload", [("a.png", fresh_png())], field="file").json()["data"]["url"]
    for key, status in ((people.bob, 404), (people.guest, 404), ("wrong", 401)):
        body = json.dumps({"api_key": key, "url": url})
        headers = {"Content-Type": "application/json"}
        refused(site.request("DELETE", "/v1/delete", body=body, headers=headers), status)
    assert site.get(url).status == 200


def test_a_test_key_deletes_nothing_that_is_live(ask: Ask, site: Site, people: People) -> None:
    url = ask("upload", [("a.png", fresh_png())], field="file").json()["data"]["url"]
    test_key = site.manage("create_api_key", "alice", "--test").strip()
    headers = {"Content-Type": "application/json"}
    for key, status in ((test_key, 404), (people.alice, 200)):
        body = json.dumps({"api_key": key, "url": url})
        answer = site.request("DELETE", "/v1/delete", body=body, headers=headers)
        assert answer.status == status
    assert site.get(url).status == 404


def test_bad_requests_are_refused_in_the_dialect(ask: Ask, site: Site, people: People) -> None:
    sent = [("a.png", fresh_png())]
    assert "API key" in refused(ask("upload", sent, key=""), 401)
    assert "API key" in refused(ask("upload", sent, key="wrong"), 401)
    refused(ask("upload", []), 400)
    assert refused(ask("upload", [("a.png", b"")]), 400) == "The file is empty"
    assert refused(ask("upload", sent * 2), 400) == "One file per request."
    refused(ask("upload", [("a.exe", b"MZ" + bytes(500))]), 415)
    refused(ask("upload", [("a.jpg", pictures.truncated(fresh_jpeg()))]), 400)
    refused(ask("nothing", sent), 404)
    refused(site.get("/v1/upload"), 405)
    refused(site.get("/v1"), 404)
    body = json.dumps({"api_key": people.alice})
    headers = {"Content-Type": "application/json"}
    refused(site.request("DELETE", "/v1/delete", body=body, headers=headers), 400)
    too_large = site.post(
        "/v1/upload", body=bytes(80 * 1024 * 1024), headers={"Content-Type": "image/png"}
    )
    refused(too_large, 413)


def test_a_full_account_takes_nothing_more_until_something_goes(ask: Ask, site: Site) -> None:
    key = site.manage("create_api_key", "full").strip()
    url = ask("upload", [("a.jpg", fresh_jpeg())], key=key).json()["data"]["url"]
    site.manage("set_account", "full", "--storage-limit", "1000")
    assert "full" in refused(ask("upload", [("a.jpg", fresh_jpeg())], key=key), 413)
    assert "full" in refused(ask("compress/jpg", [("a.jpg", fresh_jpeg())], key=key), 413)
    assert site.get(url).status == 200
    body = json.dumps({"api_key": key, "url": url})
    headers = {"Content-Type": "application/json"}
    assert site.request("DELETE", "/v1/delete", body=body, headers=headers).status == 200
    site.manage("set_account", "full", "--storage-limit", "100000")
    assert ask("compress/jpg", [("a.jpg", fresh_jpeg(120, 90))], key=key).status == 200
