"""What keys may do: every scope at every endpoint of every API.

The rows are held against the URL tables: an endpoint without a row fails, as does a row without an endpoint.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve

from accounts import keys
from accounts.models import ApiKey, Plan, User
from accounts.scopes import ACCOUNT, DELETE, EDIT, PROCESS, READ, SCOPES, UPLOAD, USUAL
from hosting.api.dialects import DIALECTS
from hosting.api.view import OPEN, DialectView
from hosting.models import Job, Privacy
from tests import pictures
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db

ID = "A" * 24
# The endpoint and the scope that it takes.
MATRIX: dict[str, dict[str, str]] = {
    "native": {
        "GET /api/v2/files": READ,
        "POST /api/v2/files": UPLOAD,
        "POST /api/v2/files/bulk": EDIT,
        f"GET /api/v2/files/{ID}": READ,
        f"PATCH /api/v2/files/{ID}": EDIT,
        f"DELETE /api/v2/files/{ID}": DELETE,
        f"POST /api/v2/files/{ID}/rotate": EDIT,
        f"POST /api/v2/files/{ID}/replace": EDIT,
        f"PUT /api/v2/files/{ID}/like": EDIT,
        f"DELETE /api/v2/files/{ID}/like": EDIT,
        "GET /api/v2/albums": READ,
        "POST /api/v2/albums": EDIT,
        f"GET /api/v2/albums/{ID}": READ,
        f"PATCH /api/v2/albums/{ID}": EDIT,
        f"DELETE /api/v2/albums/{ID}": DELETE,
        f"POST /api/v2/albums/{ID}/unlock": READ,
        "GET /api/v2/categories": READ,
        "GET /api/v2/categories/sea": READ,
        "GET /api/v2/tags": READ,
        "GET /api/v2/jobs": READ,
        "POST /api/v2/jobs": PROCESS,
        f"GET /api/v2/jobs/{ID}": READ,
        f"DELETE /api/v2/jobs/{ID}": PROCESS,
        f"POST /api/v2/jobs/{ID}/retry": PROCESS,
        "POST /api/v2/uploads": UPLOAD,
        f"GET /api/v2/uploads/{ID}": UPLOAD,
        f"HEAD /api/v2/uploads/{ID}": UPLOAD,
        f"PATCH /api/v2/uploads/{ID}": UPLOAD,
        f"DELETE /api/v2/uploads/{ID}": UPLOAD,
        "GET /api/v2/account": READ,
        "GET /api/v2/account/keys": READ,
        "POST /api/v2/account/keys": ACCOUNT,
        "GET /api/v2/account/keys/1": READ,
        "DELETE /api/v2/account/keys/1": ACCOUNT,
        "GET /api/v2/webhooks": READ,
        "POST /api/v2/webhooks": EDIT,
        f"GET /api/v2/webhooks/{ID}": READ,
        f"PATCH /api/v2/webhooks/{ID}": EDIT,
        f"DELETE /api/v2/webhooks/{ID}": EDIT,
        f"GET /api/v2/webhooks/{ID}/deliveries": READ,
        f"POST /api/v2/webhooks/{ID}/deliveries/{ID}/redeliver": EDIT,
    },
    "chevereto": {
        "GET /api/1/upload": UPLOAD,
        "POST /api/1/upload": UPLOAD,
        "GET /1/upload": UPLOAD,
        "POST /1/upload": UPLOAD,
    },
    "imghippo": {
        "POST /v1/upload": UPLOAD,
        "DELETE /v1/delete": DELETE,
        "POST /v1/delete": DELETE,
        "POST /v1/compress-image": PROCESS,
    },
    "imgsmaller": {
        "GET /api/v1/info": READ,
        "POST /api/v1/compress": PROCESS,
        f"GET /result/{ID}": OPEN,
        "GET /download/1": OPEN,
    },
    "img_processing": {
        "GET /v1/images": READ,
        "POST /v1/images": UPLOAD,
        "POST /v1/images/upload": UPLOAD,
        "POST /v1/images/imagine": PROCESS,
        "GET /v1/images/x": READ,
        "DELETE /v1/images/x": DELETE,
        "GET /v1/images/x/download": READ,
        "POST /v1/images/x/publish": EDIT,
        "POST /v1/images/x/unpublish": EDIT,
        "POST /v1/images/x/resize": PROCESS,
        "POST /v1/images/x/remove-background": PROCESS,
        "POST /v1/images/x/classify": PROCESS,
        "POST /v1/images/x/visualize": PROCESS,
        "POST /v1/images/x/extract-formatted-text": PROCESS,
    },
}
ROWS = [(api, row, scope) for api, rows in MATRIX.items() for row, scope in rows.items()]
# How each API says that a key may not do this.
REFUSED: dict[str, Callable[[dict[str, Any]], bool]] = {
    "native": lambda body: (body["status"], body["code"]) == (403, "missing_scope"),
    "chevereto": lambda body: body["status_code"] == 403 and "scope" in body["error"]["message"],
    "imghippo": lambda body: body["status"] == 403 and body["success"] is False,
    "imgsmaller": lambda body: list(body) == ["message"] and "scope" in body["message"],
    "img_processing": lambda body: body["status"] == 403 and body["title"] == "Forbidden",
}


def endpoints(api: str) -> Iterator[tuple[type[DialectView], str]]:
    """Each view of the API's URL table with each of its methods."""
    for pattern in import_module(f"hosting.api.{api}.urls").urlpatterns:
        view = pattern.callback.cls
        for method in view.http_method_names:
            if hasattr(view, method) and method not in {"options", "head", "trace"}:
                yield view, method


def named(row: str) -> tuple[type[DialectView], str]:
    """The view and the method that a row of MATRIX is about."""
    method, path = row.split()
    return resolve(path).func.cls, method.lower()  # type: ignore[attr-defined]


@pytest.fixture
def member() -> User:
    plan = Plan.objects.create(
        name="Unhurried", live_requests_per_minute=10**6, test_requests_per_minute=10**6
    )
    return UserFactory(plan=plan)


def ask(row: str, secret: str) -> Any:
    method, path = row.split()
    return Client().generic(method, path, headers={"X-API-Key": secret})


def test_every_api_has_its_rows() -> None:
    assert MATRIX.keys() == REFUSED.keys() == DIALECTS.keys()


@pytest.mark.parametrize("api", MATRIX)
def test_every_endpoint_says_what_it_takes_and_has_a_row(api: str) -> None:
    found = set(endpoints(api))
    for view, method in found:
        assert view.scopes[method] in {OPEN, *SCOPES}, (view, method)
    real = {(view, method) for view, method in found if view.__name__ != "Unknown"}
    assert {(view, method) for view, method in map(named, MATRIX[api]) if method != "head"} == real


@pytest.mark.parametrize(("api", "row", "scope"), ROWS, ids=[row for _, row, _ in ROWS])
def test_a_key_does_what_its_scopes_name_and_nothing_else(
    member: User, api: str, row: str, scope: str
) -> None:
    for one in SCOPES:
        answer = ask(row, keys.create(member, name=one, scopes=[one])[1])
        if scope in {one, OPEN}:
            assert answer.status_code not in {401, 403}, (one, answer.content)
        else:
            assert answer.status_code == 403, (one, answer.content)
            if not row.startswith("HEAD"):
                assert REFUSED[api](answer.json()), answer.content


def test_many_files_are_deleted_at_once_only_by_a_key_that_may_delete(member: User) -> None:
    file = HostedFileFactory(owner=member)
    sent = {"ids": [file.public_id], "delete": True}

    def bulk(*scopes: str) -> int:
        key = keys.create(member, name="bulk", scopes=scopes)[1]
        url, kind = "/api/v2/files/bulk", "application/json"
        return Client().post(url, sent, kind, headers={"X-API-Key": key}).status_code

    assert bulk(EDIT) == 403
    file.refresh_from_db()
    assert bulk(EDIT, DELETE) == 200


def test_the_key_that_nobody_narrowed_does_everything_but_make_keys(member: User) -> None:
    key, secret = keys.create(member, name="usual")
    assert key.scopes == list(USUAL)
    assert ask("GET /api/v2/account/keys", secret).status_code == 200
    assert ask("POST /api/v2/account/keys", secret).status_code == 403


# What works on a stored file, and how the request names it: "{id}" in its path or in its body.
INPUTS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "native": (
        ("/api/v2/jobs", {"source": "{id}", "privacy": "public"}),
        (
            "/api/v2/jobs",
            {
                "base64": base64.b64encode(pictures.png(8, 8)).decode(),
                "pipeline": [{"operation": "watermark", "overlays": [{"file": "{id}"}]}],
            },
        ),
    ),
    "chevereto": (),
    "imghippo": (),
    "imgsmaller": (),
    "img_processing": (
        ("/v1/images/image_{id}/resize", {"width": 5}),
        ("/v1/images/image_{own}/watermark", {"watermarks": [{"id": "image_{id}"}]}),
        ("/v1/images/image_{id}/remove-background", {}),
        ("/v1/images/image_{id}/classify", {}),
        ("/v1/images/image_{id}/visualize", {"prompt": "What is it?"}),
        ("/v1/images/image_{id}/extract-formatted-text", {}),
    ),
}
WORKS = [(api, *one) for api, found in INPUTS.items() for one in found]


def stored(owner: User, key: ApiKey | None = None, **columns: Any) -> str:
    """A file as either API knows it; its id."""
    values = {"dialect": "img_processing", "privacy": Privacy.PRIVATE, **columns}
    return HostedFileFactory(
        owner=owner, api_key=key, public_id=keys.random_text(24), **values
    ).public_id


def name(sent: Any, **ids: str) -> Any:
    """`sent` with the ids in their places."""
    text = json.dumps(sent)
    for place, id in ids.items():
        text = text.replace(f"{{{place}}}", id)
    return json.loads(text)


def test_every_endpoint_that_works_on_a_stored_file_has_its_rows() -> None:
    for api, rows in MATRIX.items():
        taking = {
            named(row)[0]
            for row, scope in rows.items()
            if scope == PROCESS and row.startswith("POST") and "/x/" in row
        }
        assert taking <= {resolve(path).func.cls for path, _ in INPUTS[api]}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("api", "path", "sent"), WORKS, ids=[path for _, path, _ in WORKS])
def test_what_a_key_cannot_see_it_cannot_work_on_and_publish(
    member: User, settings: Any, api: str, path: str, sent: dict[str, Any]
) -> None:
    # What is let through need not be done.
    settings.HEAVY_WAIT_SECONDS = 0
    key, secret = keys.create(member, name="worker", scopes=[PROCESS])
    other, _ = keys.create(member, name="other")
    reader = keys.create(member, name="reader", scopes=[PROCESS, READ])[1]
    own = stored(member, key)

    def work(id: str, by: str = secret) -> Any:
        body = name(sent, id=id, own=own)
        url = name(path, id=id, own=own)
        return Client().post(url, body, "application/json", headers={"X-API-Key": by})

    for closed in (
        stored(member),
        stored(member, other),
        stored(member, privacy=Privacy.PUBLIC, is_approved=False),
        stored(
            member,
            privacy=Privacy.PUBLIC,
            album=AlbumFactory(owner=member, privacy=Privacy.PRIVATE),
        ),
    ):
        answer = work(closed)
        assert answer.status_code == 403, answer.content
        assert REFUSED[api](answer.json()), answer.content
        assert "read" in answer.content.decode()
        assert work(closed, reader).status_code != 403
    for open_one in (
        own,
        stored(member, privacy=Privacy.PUBLIC),
        stored(member, privacy=Privacy.UNLISTED),
    ):
        assert work(open_one).status_code != 403


def test_a_key_works_on_the_results_of_its_own_work(member: User) -> None:
    secret = keys.create(member, name="worker", scopes=[PROCESS, UPLOAD])[1]
    headers = {"X-API-Key": secret}
    photo = SimpleUploadedFile("a.png", pictures.png(20, 20))
    sent = Client().post("/v1/images/upload", {"image": photo, "name": "a"}, headers=headers)
    ids = [sent.json()["id"]]
    for _ in range(2):
        made = Client().post(f"/v1/images/{ids[-1]}/mirror", {"mode": "both"}, headers=headers)
        assert made.status_code == 201, made.content
        ids.append(made.json()["id"])


def test_nothing_is_left_of_work_that_was_refused(member: User) -> None:
    secret = keys.create(member, name="worker", scopes=[PROCESS])[1]
    sent = {"source": stored(member), "privacy": "public"}
    Client().post("/api/v2/jobs", sent, "application/json", headers={"X-API-Key": secret})
    assert not Job.objects.exists()
