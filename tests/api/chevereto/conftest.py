"""What the tests of the Chevereto dialect share: an upload in one line, fresh pictures."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests import pictures
from tests.conftest import People
from tests.live import Answer, Site

Upload = Callable[..., Answer]
seeds = itertools.count(1)


def fresh_jpeg(width: int = 640, height: int = 480, **options: Any) -> bytes:
    """A JPEG that no test has sent before."""
    return pictures.jpeg(
        width, height, image=pictures.texture(width, height, seed=next(seeds)), **options
    )


def fresh_png(width: int = 64, height: int = 48) -> bytes:
    """A PNG that no test has sent before."""
    return pictures.saved(pictures.texture(width, height, seed=next(seeds)), "PNG")


@pytest.fixture
def upload(site: Site, people: People) -> Upload:
    """Upload as Alice: `upload(bytes)`, with any parameter by name."""

    def send(
        source: bytes | str | None = None,
        *,
        filename: str = "picture.jpg",
        key: str | None = None,
        path: str = "/api/1/upload",
        field: str = "source",
        **parameters: Any,
    ) -> Answer:
        fields: dict[str, Any] = {name: str(value) for name, value in parameters.items()}
        if isinstance(source, bytes):
            fields[field] = (filename, source)
        elif source is not None:
            fields[field] = source
        headers = {"X-API-Key": people.alice if key is None else key}
        return site.post(path, fields=fields, headers=headers)

    return send
