"""What the tests of the ImgSmaller dialect share: sending, and polling until it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import People
from tests.live import Answer, Site

Send = Callable[..., Answer]

# Bounds a hang, nothing else.
PATIENCE_SECONDS = 90


@pytest.fixture
def send(site: Site, people: People) -> Send:
    """`POST /api/v1/compress` as Alice, as multipart: `send(picture, target_size="20KB")`."""

    def post(picture: bytes, *, key: str | None = None, **fields: str) -> Answer:
        headers = {"X-API-Key": people.alice if key is None else key}
        parts = {"file": ("photo.jpg", picture, "image/jpeg"), **fields}
        return site.post("/api/v1/compress", fields=parts, headers=headers)

    return post


def send_json(site: Site, key: str, **fields: Any) -> Answer:
    """The same with a JSON body."""
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    return site.post("/api/v1/compress", body=json.dumps(fields), headers=headers)


def result_of(site: Site, answer: Answer) -> dict[str, Any]:
    """Poll until the result is final; return it."""
    assert answer.status == 202, answer.text
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        polled = site.get(answer.json()["result_url"])
        assert polled.status == 200, polled.text
        body: dict[str, Any] = polled.json()
        if body != {"status": "processing"}:
            return body
        time.sleep(0.1)
    raise AssertionError("still processing")


def picture_of(site: Site, answer: Answer) -> bytes:
    """The finished picture's bytes."""
    values = result_of(site, answer)
    assert values["status"] == "done", values
    downloaded = site.get(values["download"])
    assert downloaded.status == 200
    assert len(downloaded.data) == values["bytes"]
    return downloaded.data


def refused(answer: Answer, status: int) -> str:
    """Check that it is a refusal in this API's shape; return its message."""
    assert answer.status == status, answer.text
    body = answer.json()
    assert list(body) == ["message"]
    assert isinstance(body["message"], str)
    return str(body["message"])
