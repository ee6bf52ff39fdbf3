"""What the tests of the IMG Processing dialect share: its requests in one line, keys that are in no hurry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.live import Answer, Site

MEMBERS = """
import json
from accounts import keys
from accounts.models import Plan, User

plan, _ = Plan.objects.get_or_create(
    name="Unhurried",
    defaults={"live_requests_per_minute": 10**6, "test_requests_per_minute": 10**6, "storage_limit": 10**10},
)

def key(name, kind):
    user, _ = User.objects.get_or_create(username=name, defaults={"plan": plan})
    return keys.create(user, name="tests", kind=kind)[1]

print(json.dumps([key("painter", "live"), key("painter", "test"), key("critic", "live")]))
"""
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Api:
    """The API as the holder of one key sees it."""

    site: Site
    key: str

    def ask(self, method: str, path: str = "", *, headers: Any = (), **options: Any) -> Answer:
        """`ask("GET", "/image_…")`: any request below `/v1/images`."""
        values = {"x-api-key": self.key, **dict(headers)}
        return self.site.request(method, f"/v1/images{path}", headers=values, **options)

    def post(self, path: str, **parameters: Any) -> Answer:
        """A POST of JSON."""
        return self.ask("POST", path, headers=JSON, body=json.dumps(parameters))

    def send(self, data: bytes, **fields: str) -> Answer:
        """An upload, as the vendor's own client sends it: the part has no name of use."""
        return self.ask("POST", "/upload", fields={"image": ("blob", data), **fields})

    def image(self, data: bytes, name: str = "A picture") -> dict[str, Any]:
        """An upload that succeeds."""
        return made(self.send(data, name=name))

    def change(self, image: dict[str, Any], step: str, **parameters: Any) -> dict[str, Any]:
        """A transformation that succeeds."""
        return made(self.post(f"/{image['id']}/{step}", **parameters))

    def pixels(self, image: dict[str, Any]) -> Image.Image:
        """The picture, downloaded."""
        answer = self.ask("GET", f"/{image['id']}/download")
        assert answer.status == 200, answer.text
        opened = Image.open(BytesIO(answer.data))
        opened.load()
        assert opened.size == (image["width"], image["height"])
        assert (opened.format or "").lower() == image["format"]
        assert len(answer.data) == image["size"]
        return opened

    def list(self, query: str = "") -> dict[str, Any]:
        """A part of the list."""
        answer = self.ask("GET", query)
        assert answer.status == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


def made(answer: Answer) -> dict[str, Any]:
    """The image of a 201."""
    assert answer.status == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: Answer, status: int, name: str) -> list[str]:
    """Check that it is an error object of that name; return its reasons."""
    body = answer.json()
    slug = name.lower().replace(" ", "-")
    assert answer.status == body["status"] == status, answer.text
    assert body["type"] == f"https://docs.img-processing.com/errors/{slug}"
    assert body["error"] == body["title"] == name
    assert isinstance(body["message"], str)
    assert body["message"]
    assert isinstance(body["errors"], list)
    assert all(isinstance(reason, str) for reason in body["errors"])
    assert answer.headers["Content-Type"] == "application/json"
    assert set(body) == {"type", "title", "error", "status", "message", "errors"}
    return list(body["errors"])


def invalid(answer: Answer) -> list[str]:
    """Check that it says what is wrong with the parameters; return that."""
    return refused(answer, 422, "Validation Error")


@pytest.fixture(scope="session")
def keys(site: Site) -> list[str]:
    """A painter's live and test key, and a critic's live one."""
    body: list[str] = json.loads(site.shell(MEMBERS))
    return body


@pytest.fixture
def live(site: Site, keys: list[str]) -> Api:
    """The painter's images."""
    return Api(site, keys[0])


@pytest.fixture
def test(site: Site, keys: list[str]) -> Api:
    """The painter's test images."""
    return Api(site, keys[1])


@pytest.fixture
def other(site: Site, keys: list[str]) -> Api:
    """Somebody else's images."""
    return Api(site, keys[2])


def newcomer(site: Site, name: str, *, kind: str = "live") -> Api:
    """The API with the key of an account of its own."""
    kinds = ["--test"] if kind == "test" else []
    return Api(site, site.manage("create_api_key", name, *kinds).strip())
