"""What IMG Processing's callers read, as its documentation shows it."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import Field
from typing_extensions import TypedDict

from hosting.api.img_processing.images import Page, id_of
from hosting.backends.vision import Classification
from hosting.delivery.links import absolute, shown_at
from hosting.models import HostedFile


class Image(TypedDict):
    """An image."""

    id: Annotated[str, Field(pattern="^image_[A-Za-z0-9]{24}$")]
    name: str
    url: Annotated[str | None, Field(description="The public link; null until it is published.")]
    width: Annotated[int, Field(description="Pixels.")]
    height: Annotated[int, Field(description="Pixels.")]
    format: Annotated[str, Field(description="jpeg, png or webp.")]
    size: Annotated[int, Field(description="Bytes.")]
    created_at: Annotated[str, Field(description="ISO 8601, UTC, with milliseconds.")]


class Links(TypedDict):
    """The addresses of the parts of the list beside this one."""

    previous: str | None
    next: str | None


class Images(TypedDict):
    """A part of the list, newest first."""

    data: list[Image]
    links: Links


class Label(TypedDict):
    """What an image may show, and how likely."""

    label: str
    score: Annotated[float, Field(ge=0, le=1)]


class Classified(TypedDict):
    """What an image shows."""

    main_label: str
    main_score: Annotated[float, Field(ge=0, le=1)]
    secondary_labels: list[Label]


class Said(TypedDict):
    """What was said of an image."""

    response: str


class Extracted(TypedDict):
    """The text in an image."""

    content: str
    format: Literal["plain", "markdown"]


def image(file: HostedFile) -> Image:
    """An image; its url is null until it is published, and where a moderator or its album keeps it shut."""
    created = file.created_at.astimezone(UTC)
    return {
        "id": id_of(file),
        "name": file.title,
        # Of a test image, which expires, the bytes are given out by this site alone.
        "url": absolute(shown_at(file)) if file.opens_to_all else None,
        "width": file.width,
        "height": file.height,
        "format": file.format,
        "size": file.size,
        "created_at": f"{created:%Y-%m-%dT%H:%M:%S}.{created.microsecond // 1000:03d}Z",
    }


def page(found: Page, take: int) -> Images:
    """A part of the list, with the links to those beside it."""

    def link(first: HostedFile | None) -> str | None:
        if first is None:
            return None
        return absolute(f"/v1/images?{urlencode({'take': take, 'from': id_of(first)})}")

    return {
        "data": [image(file) for file in found.files],
        "links": {"previous": link(found.previous), "next": link(found.next)},
    }


def classification(found: Classification) -> Classified:
    """The answer of `classify`."""
    return {
        "main_label": found.main_label,
        "main_score": found.main_score,
        "secondary_labels": [
            {"label": label.label, "score": label.score} for label in found.secondary_labels
        ],
    }


def said(text: str) -> Said:
    """The answer of `visualize`."""
    return {"response": text}


def extracted(text: str, format: Literal["plain", "markdown"]) -> Extracted:
    """The answer of `extract-formatted-text`."""
    return {"content": text, "format": format}
