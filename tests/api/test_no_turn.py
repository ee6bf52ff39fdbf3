"""A request that works on pictures and gets no turn is refused in its API's shape, with when to try again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hosting.api.dialects import decodes
from hosting.views.no_turn import DECODES
from tests.factories import UserFactory

WORKING = [
    "POST /upload", "POST /tools/resize", "POST /dashboard/files/abc/rotate",
    "POST /dashboard/files/abc/replace", "POST /api/1/upload", "GET /1/upload", "POST /v1/upload",
    "POST /v1/compress/jpg", "POST /v1/resize-image/", "POST /v1/images", "POST /v1/images/upload",
    "POST /v1/images/image_x/resize", "POST /api/v1/compress", "POST /api/v2/files",
    "POST /api/v2/files/abc/rotate", "POST /api/v2/files/abc/replace", "POST /api/v2/uploads",
    "PATCH /api/v2/uploads/abc",
]  # fmt: skip
PAGES = [
    "GET /", "GET /explore", "GET /upload", "GET /tools/resize", "GET /v1/images",
    "GET /v1/images/image_x", "POST /v1/delete", "POST /v1/images/image_x/publish",
    "GET /api/v2/files", "POST /api/v2/albums", "HEAD /api/v2/uploads/abc", "GET /result/abc",
    "POST /dashboard/files/abc", "POST /accounts/login/",
]  # fmt: skip


@pytest.mark.parametrize("request_line", WORKING)
def test_what_works_on_pictures_goes_to_the_decoders(request_line: str) -> None:
    assert decodes(request_line) or DECODES.fullmatch(request_line)


@pytest.mark.parametrize("request_line", PAGES)
def test_all_else_is_answered_by_the_web_server(request_line: str) -> None:
    assert not decodes(request_line)
    assert not DECODES.fullmatch(request_line)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "code"),
    [("/1/upload", ["error", "code"]), ("/api/1/upload", ["error", "code"]),
     ("/v1/upload", ["status"]), ("/v1/images/upload", ["status"]), ("/api/v1/compress", None),
     ("/api/v2/files", ["status"]), ("/api/v2/uploads", ["status"])],
)  # fmt: skip
@pytest.mark.parametrize("reason", ["busy", "interrupted"])
def test_every_api_says_that_it_is_busy(path: str, code: list[str] | None, reason: str) -> None:
    environ: dict[str, Any] = {"vitrine.no_turn": reason}
    answer = Client().post(path, {"key": "any"}, **environ)
    assert answer.status_code in (500, 503)
    assert answer.status_code == 503 or (reason, path) == ("interrupted", "/v1/upload")
    assert int(answer["Retry-After"]) > 0
    value = answer.json()
    for name in code or []:
        value = value[name]
    assert not code or value == answer.status_code


@pytest.mark.django_db
def test_the_website_says_that_it_is_busy_to_people_and_to_its_script(client: Client) -> None:
    environ: dict[str, Any] = {"vitrine.no_turn": "busy"}
    page = client.post("/upload", **environ)
    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert "Try again in a few seconds" in page.content.decode()
    answer = client.post("/upload", headers={"Accept": "application/json"}, **environ)
    assert answer.status_code == 503
    assert "Try again" in answer.json()["error"]


@pytest.mark.django_db
def test_a_member_s_tool_says_that_it_is_busy(client: Client) -> None:
    client.force_login(UserFactory())
    environ: dict[str, Any] = {"vitrine.no_turn": "busy"}
    assert client.post("/tools/resize", **environ).status_code == 503
