"""What IMG Processing's callers read, as its documentation shows it."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from hosting.api.img_processing.images import Page, id_of
from hosting.backends.vision import Classification
from hosting.models import HostedFile
from hosting.models.privacy import OPEN
from hosting.serving import absolute, shown_at

Answer = dict[str, Any]


def image(file: HostedFile) -> Answer:
    """An image; its url is null until it is published."""
    created = file.created_at.astimezone(UTC)
    return {
        "id": id_of(file),
        "name": file.title,
        # Of a test image, which expires, the bytes are given out by this site alone.
        "url": absolute(shown_at(file)) if file.privacy in OPEN else None,
        "width": file.width,
        "height": file.height,
        "format": file.format,
        "size": file.size,
        "created_at": f"{created:%Y-%m-%dT%H:%M:%S}.{created.microsecond // 1000:03d}Z",
    }


def page(found: Page, take: int) -> Answer:
    """A part of the list, with the links to those beside it."""

    def link(first: HostedFile | None) -> str | None:
        if first is None:
            return None
        return absolute(f"/v1/images?{urlencode({'take': take, 'from': id_of(first)})}")

    return {
        "data": [image(file) for file in found.files],
        "links": {"previous": link(found.previous), "next": link(found.next)},
    }


def classification(found: Classification) -> Answer:
    """The answer of `classify`."""
    return {
        "main_label": found.main_label,
        "main_score": found.main_score,
        "secondary_labels": [
            {"label": label.label, "score": label.score} for label in found.secondary_labels
        ],
    }


def said(text: str) -> Answer:
    """The answer of `visualize`."""
    return {"response": text}


def extracted(text: str, format: str) -> Answer:
    """The answer of `extract-formatted-text`."""
    return {"content": text, "format": format}
