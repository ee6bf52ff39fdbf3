"""Downloads: bytes that may be asked for in part, and again."""

from __future__ import annotations

from collections.abc import Iterable

from hosting.api.schema.bodies import BINARY
from hosting.api.schema.operation import Answer, Content, Parameter, Schema

RANGE = (
    Parameter(
        "Range",
        "header",
        {"type": "string"},
        "A range of bytes, such as `bytes=0-1023`; invalid ranges are ignored.",
    ),
    Parameter(
        "If-None-Match",
        "header",
        {"type": "string"},
        "Answer 304 if the file is still this version.",
    ),
)
_HEADERS: dict[str, Schema] = {
    "Content-Disposition": {"description": "The file's name.", "schema": {"type": "string"}},
    "ETag": {"schema": {"type": "string"}},
}


def download(mimes: Iterable[str]) -> dict[int, Answer]:
    """The answers that are files of these media types."""
    contents = {mime: Content(BINARY) for mime in mimes}
    return {
        200: Answer("The file.", contents, _HEADERS),
        206: Answer("The requested range.", contents, _HEADERS),
        304: Answer("The file is still the version in `If-None-Match`."),
        416: Answer("The range lies outside the file."),
    }
