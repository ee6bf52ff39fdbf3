"""What the tests of the Imghippo dialect share: one request in one line."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.conftest import People
from tests.live import Answer, Site

Ask = Callable[..., Answer]


@pytest.fixture
def ask(site: Site, people: People) -> Ask:
    """Ask an endpoint as Alice: `ask("compress/jpg", [("a.jpg", bytes)], width=…)`."""

    def send(
        endpoint: str,
        files: list[tuple[str, bytes]],
        *,
        field: str = "image",
        key: str | None = None,
        **parameters: Any,
    ) -> Answer:
        fields: list[tuple[str, Any]] = [(field, file) for file in files]
        fields += [(name, str(value)) for name, value in parameters.items()]
        fields.append(("api_key", people.alice if key is None else key))
        return site.post(f"/v1/{endpoint}", fields=fields)

    return send


def picture(site: Site, url: str) -> Image.Image:
    """The picture behind a link."""
    answer = site.get(url)
    assert answer.status == 200, answer.text
    return Image.open(BytesIO(answer.data))
