"""What holds at every address: problems, sessions, versions of requests, limits, and no fault of ours."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import keys
from accounts.models import Plan
from hosting.api.native.urls import urlpatterns
from hosting.api.native.view import NativeView
from hosting.models import Album, HostedFile, Replay
from tests import pictures
from tests.api.native.conftest import Api, problem
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory, picture

GONE = "A1b2C3d4E5f"
ADDRESSES = (
    *("/files", "/files/bulk", f"/files/{GONE}", f"/files/{GONE}/rotate", f"/files/{GONE}/replace"),
    *(f"/files/{GONE}/like", "/albums", f"/albums/{GONE}", f"/albums/{GONE}/unlock", "/categories"),
    *("/categories/sea", "/tags", "/jobs", f"/jobs/{GONE}", f"/jobs/{GONE}/retry", "/account"),
    *("/account/keys", "/account/keys/1", "/webhooks", f"/webhooks/{GONE}"),
    *(f"/webhooks/{GONE}/deliveries", f"/webhooks/{GONE}/deliveries/{GONE}/redeliver"),
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
db = pytest.mark.django_db


def views() -> list[type[NativeView]]:
    return [pattern.callback.view_class for pattern in urlpatterns[:-1]]


@pytest.mark.parametrize("view", views(), ids=lambda view: view.__name__)
def test_every_method_says_what_it_answers(view: type[NativeView]) -> None:
    handled = {name for name in view.http_method_names if name not in {"head", "options"}}
    assert set(view.answers) == handled
    assert set(view.accepts) <= handled
    assert set(view.lists) <= handled


@db
@pytest.mark.parametrize("path", ["", "/", "/nothing", "/files/x/y", "/files/short", "/v3"])
@pytest.mark.parametrize("method", METHODS)
def test_unknown_addresses_are_problems(anybody: Api, method: str, path: str) -> None:
    problem(anybody.ask(method, path), 404, "not_found")


@db
def test_wrong_methods_are_problems_that_name_the_right_ones(alice: Api) -> None:
    answer = alice.ask("PUT", "/files")
    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, POST, OPTIONS"


@db
def test_refusals_say_what_to_do_in_the_words_of_this_api(alice: Api, anybody: Api) -> None:
    data = problem(anybody.get("/account"), 401, "no_key")
    assert "X-API-Key" in data["detail"]
    assert "param" not in data
    text = base64.b64encode(pictures.png()).decode()
    assert alice.post("/files", {"base64": text}).status_code == 201
    # The bytes are called as they were sent, and choices are named.
    assert problem(alice.post("/files", {"base64": text}), 409, "duplicate")["param"] == "base64"
    assert problem(alice.send(b""), 400, "empty_source")["param"] == "file"
    data = problem(alice.get("/files", sort="size"), 400, "invalid_parameters")
    assert "largest" in data["errors"][0]["message"]


@db
@pytest.mark.parametrize("path", ADDRESSES)
def test_a_trailing_slash_is_the_same_address(alice: Api, path: str) -> None:
    without, with_slash = alice.ask("GET", path), alice.ask("GET", f"{path}/")
    assert without.status_code == with_slash.status_code


@db
@pytest.mark.parametrize("path", ADDRESSES)
def test_a_head_is_a_get_without_its_body(alice: Api, path: str) -> None:
    head, get = alice.ask("HEAD", path), alice.ask("GET", path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers.get("ETag") == get.headers.get("ETag")


@db
def test_nothing_that_has_a_version_goes_where_another_was_read(alice: Api) -> None:
    hook = {"url": "https://192.0.2.1/", "events": ["file.created"]}
    made = {
        "/files": alice.send(picture(8, 8)),
        "/albums": alice.post("/albums", {"name": "One"}),
        "/webhooks": alice.post("/webhooks", hook),
        "/account/keys": alice.post("/account/keys", {"name": "one"}),
        "/jobs": alice.send(picture(9, 9), "/jobs"),
    }
    for path, answer in made.items():
        one = f"{path}/{answer.json()['id']}"
        problem(alice.delete(one, {"If-Match": '"another"'}), 412, "precondition_failed")
        tag = alice.get(one)["ETag"]
        assert alice.delete(one, {"If-Match": tag}).status_code in {200, 204}, path


@db
def test_pages_of_other_sites_may_ask_with_a_key(anybody: Api) -> None:
    answer = anybody.ask("OPTIONS", "/files", {"Origin": "https://example.org"})
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer


@db
def test_a_session_reads_and_writes_with_the_token_of_its_pages() -> None:
    user = UserFactory()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    assert browser.get("/api/v2/account").json()["username"] == user.username
    send: dict[str, Any] = {"data": {"name": "Mine"}, "content_type": "application/json"}
    problem(browser.post("/api/v2/albums", **send), 403, "csrf_failed")
    form = {"file": "x", "csrfmiddlewaretoken": "guessed"}
    problem(browser.post("/api/v2/files", data=form), 403, "csrf_failed")
    assert not Album.objects.exists()
    browser.get("/settings/keys")
    token = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    assert browser.post("/api/v2/albums", headers=token, **send).status_code == 201
    part = SimpleUploadedFile("a.jpg", picture(9, 9))
    sent = browser.post("/api/v2/files", data={"file": part}, headers=token)
    assert sent.status_code == 201, sent.content
    assert sent.json()["owner"] == user.username


@db
def test_a_key_goes_before_a_session_and_needs_no_token(alice: Api) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory())
    answer = browser.post(
        "/api/v2/albums",
        data={"name": "Hers"},
        content_type="application/json",
        headers={"X-API-Key": alice.key},
    )
    assert answer.json()["owner"] == alice.user.username


@db
def test_the_limit_by_minute_of_a_key_is_shown_and_holds() -> None:
    plan = Plan.objects.create(name="Slow", live_requests_per_minute=2)
    api = Api(keys.create(UserFactory(plan=plan), name="tests")[1])
    for left in ("1", "0"):
        answer = api.get("/account")
        assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("2", left)
        assert 1 <= int(answer["RateLimit-Reset"]) <= 60
    refused = api.get("/account")
    problem(refused, 429, "rate_limited")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["RateLimit-Remaining"] == "0"
    # A mistyped address asks for nothing, and says so at once.
    problem(api.get("/uploads/%C2%84"), 404, "not_found")


@db
def test_a_large_text_is_read_for_who_has_a_key_alone(alice: Api, anybody: Api) -> None:
    photo = base64.b64encode(pictures.saved(pictures.texture(900, 900), "png")).decode()
    assert len(photo) > 1024 * 1024
    problem(anybody.post("/files", {"base64": photo}), 401, "no_key")
    once = {"Idempotency-Key": "large"}
    body = alice.post("/files", {"base64": photo}, once).json()
    assert body["width"] == 900
    assert alice.post("/files", {"base64": photo}, once)["Idempotent-Replayed"] == "true"
    other = f"{photo[:-8]}AAAAAAAA"
    problem(alice.post("/files", {"base64": other}, once), 422, "idempotency_mismatch")
    problem(alice.post("/files", {"title": photo}), 400, "invalid_parameters")


KEY = {"Idempotency-Key": "3f0c0f8e"}


@db
def test_a_repeated_request_is_done_once_and_answered_twice(alice: Api) -> None:
    first = alice.post("/albums", {"name": "Once"}, KEY)
    again = alice.post("/albums", {"name": "Once"}, KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert Album.objects.count() == 1


@db
def test_a_repeated_upload_is_the_same_whatever_its_boundary(alice: Api, bob: Api) -> None:
    first = alice.send(picture(9, 9), headers=KEY, title="A").json()
    again = alice.send(picture(9, 9), headers=KEY, title="A")
    assert again.json() == {**first, "delete_url": None}
    problem(alice.send(picture(8, 8), headers=KEY, title="A"), 422, "idempotency_mismatch")
    problem(alice.send(picture(9, 9), headers=KEY, title="B"), 422, "idempotency_mismatch")
    # The same words of another account are another key.
    assert bob.send(picture(9, 9), headers=KEY, title="A").json()["id"] != first["id"]
    assert HostedFile.objects.count() == 2


@db
def test_a_secret_is_kept_nowhere_for_a_replay(alice: Api) -> None:
    first = alice.post("/account/keys", {"name": "X"}, KEY).json()
    assert alice.post("/account/keys", {"name": "X"}, KEY).json() == {**first, "secret": None}
    assert first["secret"] not in Replay.objects.get().body


@db
def test_a_request_that_is_being_done_is_a_conflict_until_its_doer_is_given_up(alice: Api) -> None:
    alice.post("/albums", {"name": "Once"}, KEY)
    Replay.objects.update(status=None)
    problem(alice.post("/albums", {"name": "Once"}, KEY), 409, "idempotency_in_progress")
    Replay.objects.update(lease_until="2026-01-01T00:00:00Z")
    assert alice.post("/albums", {"name": "Once"}, KEY).status_code == 201


@db
def test_what_failed_may_be_tried_again_and_a_day_later_the_key_is_new(alice: Api) -> None:
    problem(alice.post("/albums", {}, KEY), 400, "invalid_parameters")
    assert alice.post("/albums", {"name": "Now"}, KEY).status_code == 201
    Replay.objects.update(created_at="2026-01-01T00:00:00Z")
    assert "Idempotent-Replayed" not in alice.post("/albums", {"name": "Other"}, KEY)
    too_long = {"Idempotency-Key": "x" * 256}
    problem(alice.post("/albums", {"name": "X"}, too_long), 400, "invalid_idempotency_key")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=5,
)  # fmt: skip
names = st.sampled_from(
    "title description tags album category nsfw privacy expires_at file url base64 width ids changes delete "
    "name password parent cover pipeline output source kind events enabled angle operation".split()
) | st.text(max_size=8)  # fmt: skip


class Anything(TestCase):
    """Whatever is sent, the answer is no fault of ours, and a refusal is a problem."""

    def setup_example(self) -> None:
        super().setup_example()
        plan = Plan.objects.create(name="Fast", live_requests_per_minute=10**6)
        user = UserFactory(plan=plan)
        self.api = Api(keys.create(user, name="tests")[1], user)
        album = AlbumFactory(owner=user)
        file = HostedFileFactory(owner=user, album=album).public_id
        self.real = {
            f"files/{GONE}": f"files/{file}",
            f"albums/{GONE}": f"albums/{album.public_id}",
        }

    def check(self, answer: Any) -> None:
        assert answer.status_code < 500, answer.content
        if answer.status_code >= 400 and answer.content:
            problem(answer, answer.status_code, answer.json()["code"])

    def path(self, path: str) -> str:
        for gone, real in self.real.items():
            path = path.replace(gone, real)
        return path

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        path=st.sampled_from(ADDRESSES),
        method=st.sampled_from(["POST", "PATCH", "PUT"]),
        body=st.dictionaries(names, values, max_size=4),
    )
    def test_json(self, path: str, method: str, body: dict[str, Any]) -> None:
        text = json.dumps(body)
        self.check(
            self.api.ask(method, self.path(path), data=text, content_type="application/json")
        )

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        path=st.sampled_from(ADDRESSES),
        method=st.sampled_from(["GET", "HEAD", "DELETE"]),
        query=st.dictionaries(
            st.sampled_from(
                "scope album tag category kind nsfw sort cursor size q parent files".split()
            ),
            st.text(max_size=30) | st.integers().map(str),
            max_size=3,
        ),
    )
    def test_queries(self, path: str, method: str, query: dict[str, str]) -> None:
        self.check(self.api.ask(method, f"{self.path(path)}?{urlencode(query)}"))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        name=st.sampled_from(
            ["Authorization", "X-API-Key", "If-Match", "If-None-Match", "Idempotency-Key", "X-Album-Proof"]
        ),
        value=st.text(
            st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40
        ),
        method=st.sampled_from(["GET", "POST", "PATCH"]),
        path=st.sampled_from(ADDRESSES),
    )  # fmt: skip
    def test_headers(self, name: str, value: str, method: str, path: str) -> None:
        self.check(self.api.ask(method, self.path(path), {name: value}))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        body=st.binary(max_size=60),
        kind=st.sampled_from(
            [
                "application/json", "application/x-www-form-urlencoded", "text/plain", "",
                "multipart/form-data; boundary=x", "application/merge-patch+json",
            ]
        ),
        path=st.sampled_from(ADDRESSES),
    )  # fmt: skip
    def test_bodies(self, body: bytes, kind: str, path: str) -> None:
        self.check(self.api.ask("POST", self.path(path), data=body, content_type=kind))
