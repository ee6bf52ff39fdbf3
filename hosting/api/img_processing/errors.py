"""Problems as IMG Processing's callers read them: an error object with its type, title, status and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from hosting.api.problems import Problem
from hosting.errors import HostingError

DOCS = "https://docs.img-processing.com/errors"
# The vendor's names; every other status uses its HTTP name.
NAMES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Payload Too Large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Validation Error",
    HTTPStatus.TOO_MANY_REQUESTS: "Rate Limit",
}
MESSAGES = {
    "no_key": "Missing API key: send it in the header x-api-key.",
    "invalid_key": "Invalid API key.",
    "empty_source": "The file is empty.",
}
# What cannot even be read; all else that is wrong with a request can be, and is a matter of its values.
UNREADABLE = frozenset({"invalid_body", "too_many_parts", "bad_request", "parse_error"})
OF_VALUES = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNSUPPORTED_MEDIA_TYPE})


class InvalidParameters(HostingError):
    """What is wrong with the parameters: all of it, a sentence each."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("invalid_parameters")
        self.errors = list(errors)
        self.message = " ".join(errors)


class Error(TypedDict):
    """What went wrong."""

    type: Annotated[str, Field(description="The kind of error, as a URI.")]
    title: str
    error: Annotated[str, Field(description="The same as title.")]
    status: Annotated[int, Field(description="The HTTP status.")]
    message: str
    errors: Annotated[list[str], Field(description="Every problem, one sentence each.")]


def render(problem: Problem) -> tuple[HTTPStatus, Error]:
    """The HTTP status and the error object."""
    status = problem.status
    if status in OF_VALUES and problem.code not in UNREADABLE:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    name = NAMES.get(status, status.phrase)
    message = MESSAGES.get(problem.code, problem.message)
    cause = problem.cause
    return status, {
        "type": f"{DOCS}/{name.lower().replace(' ', '-')}",
        "title": name,
        "error": name,
        "status": status.value,
        "message": message,
        "errors": cause.errors if isinstance(cause, InvalidParameters) else [message],
    }
