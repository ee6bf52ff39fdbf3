"""What the tests of the native API share: its requests in one line, and a small cast."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts import keys
from accounts.models import ApiKey, Plan, User
from accounts.scopes import PRESETS
from tests import pictures
from tests.api.native.tus import Tus
from tests.factories import UserFactory


@dataclass(frozen=True)
class Api:
    """The API as the holder of a key sees it; without one, as anybody does."""

    key: str = ""
    user: Any = None

    def ask(self, method: str, path: str, headers: Any = (), **options: Any) -> Any:
        """`ask("GET", "/files")`: any request below `/api/v2`; `json=` or the test client's `data=`."""
        values = {"X-API-Key": self.key, **dict(headers)} if self.key else dict(headers)
        if "json" in options:
            options["data"] = json.dumps(options.pop("json"))
            options["content_type"] = "application/json"
        call = getattr(Client(), method.lower())
        return call(f"/api/v2{path}", headers=values, **options)

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, data=query)

    def post(self, path: str, json: Any = (), headers: Any = ()) -> Any:
        return self.ask("POST", path, headers, json=dict(json))

    def patch(self, path: str, json: Any, headers: Any = ()) -> Any:
        return self.ask("PATCH", path, headers, json=json)

    def delete(self, path: str, headers: Any = ()) -> Any:
        return self.ask("DELETE", path, headers)

    def send(self, data: bytes, path: str = "/files", headers: Any = (), **fields: Any) -> Any:
        """A multipart upload."""
        part = SimpleUploadedFile(fields.pop("filename", "a photo.jpg"), data)
        return self.ask("POST", path, headers, data={"file": part, **fields})

    def ids(self, path: str, **query: Any) -> list[str]:
        """The ids of a list's first page."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        return [one["id"] for one in answer.json()["data"]]


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Check that `answer` is this problem, in its whole form; return it."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"]) == (status, code), body
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def member(db: None) -> Callable[..., Api]:
    """Make a member with a key: `member(kind="test")`, `member(user=...)`."""
    plan, _ = Plan.objects.get_or_create(
        name="Unhurried",
        defaults={"live_requests_per_minute": 10**6, "test_requests_per_minute": 10**6},
    )

    def make(user: User | None = None, kind: str = ApiKey.Kind.LIVE, **more: Any) -> Api:
        user = user or UserFactory(plan=plan, **more)
        scopes = PRESETS["everything"]
        return Api(keys.create(user, name="tests", kind=kind, scopes=scopes)[1], user)

    return make


@pytest.fixture
def alice(member: Callable[..., Api]) -> Api:
    return member()


@pytest.fixture
def bob(member: Callable[..., Api]) -> Api:
    return member()


@pytest.fixture
def moderator(member: Callable[..., Api]) -> Api:
    user = UserFactory(is_staff=True, plan=Plan.objects.get(name="Unhurried"))
    rights = [
        f"{right}_{noun}"
        for right in ("view", "change", "delete")
        for noun in ("hostedfile", "album")
    ]
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    return member(user=user)


@pytest.fixture
def anybody(db: None) -> Api:
    return Api()


@pytest.fixture
def guest(db: None) -> Api:
    return Api(keys.guest_access().key)


@pytest.fixture
def tus(alice: Api) -> Tus:
    return Tus(alice)


@pytest.fixture
def photo() -> bytes:
    return pictures.jpeg(800, 600)


def opened(data: bytes) -> Any:
    """The picture in these bytes."""
    return Image.open(BytesIO(data))
