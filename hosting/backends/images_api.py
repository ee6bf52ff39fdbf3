"""Pictures by a server that speaks OpenAI's images API."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from pydantic import BaseModel, Field

from hosting.backends.prompt import Progress, Prompt
from hosting.backends.service import Service, timeout
from hosting.errors import HostingError
from hosting.sources import fetch

if TYPE_CHECKING:
    import openai

SIZE = "1024x1024"
MOST_BYTES = 32 * 1024 * 1024


class _Picture(BaseModel):
    b64_json: str | None = None
    url: str | None = None


class _Pictures(BaseModel):
    data: list[_Picture] = Field(min_length=1)


def draw(prompt: Prompt, progress: Progress) -> bytes:
    """The picture's file as the server gives it: at most MOST_BYTES, of any kind. Raises HostingError."""
    until = time.monotonic() + settings.IMAGINE_SECONDS
    model = settings.IMAGINE_MODELS.get(prompt.model, settings.IMAGINE_MODEL)
    # Base64 takes a third more, and there is JSON around it.
    service = Service(
        settings.IMAGINE_URL,
        settings.IMAGINE_KEY,
        settings.IMAGINE_SECONDS,
        MOST_BYTES * 4 // 3 + 64 * 1024,
    )
    # Some of them know these; those of OpenAI's own that give base64 always refuse to be asked for it.
    optional: dict[str, Any] = {"response_format": "b64_json"}
    if prompt.seed is not None:
        optional["seed"] = prompt.seed
    if prompt.negative_prompt:
        optional["negative_prompt"] = prompt.negative_prompt

    def ask(client: openai.OpenAI, known: Mapping[str, Any], seconds: float) -> Any:
        text = prompt.prompt
        if prompt.negative_prompt and "negative_prompt" not in known:
            text += f"\n\nThe picture must not show: {prompt.negative_prompt}"
        return client.images.with_raw_response.generate(
            model=model,
            prompt=text,
            n=1,
            size=SIZE,
            extra_body=dict(known),
            timeout=timeout(seconds),
        )

    progress(0.05)
    picture = service.ask(ask, optional, _Pictures).data[0]
    progress(0.9)
    if picture.b64_json:
        return _decoded(picture.b64_json)
    if picture.url:
        return _fetched(picture.url, until - time.monotonic())
    raise HostingError("backend_failed.nothing")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        raise HostingError("backend_failed.no_picture") from None


def _fetched(url: str, seconds: float) -> bytes:
    """The content at `url`: on the public internet, or on the same server."""
    if url.startswith("data:"):
        return _decoded(url.partition(",")[2])
    own = urlsplit(settings.IMAGINE_URL).netloc.rpartition("@")[2]
    try:
        fetched = fetch.fetch(
            url,
            max_bytes=MOST_BYTES,
            trusted=(*settings.FETCH_TRUSTED_HOSTS, own),
            timeout=max(1.0, seconds),
        )
    except fetch.FetchError:
        raise HostingError("backend_failed.lost") from None
    with fetched.file as file:
        return file.read()
