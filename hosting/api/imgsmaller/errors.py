"""Problems as ImgSmaller's callers read them: a `message`, and the HTTP status."""

from __future__ import annotations

from http import HTTPStatus

from typing_extensions import TypedDict

from hosting.api.problems import Problem

MESSAGES = {
    "no_key": "Missing API key.",
    "invalid_key": "Invalid API key.",
    "request_too_large": "File too large.",
    "empty_source": "The file is empty.",
}
# A request that can be read but not followed: the page's 422 for what is wrong with a picture or a parameter.
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
SITE_OR_REQUEST = frozenset({"invalid_body", "too_many_parts", "bad_request", "parse_error"})


class Error(TypedDict):
    """What went wrong."""

    message: str


def render(problem: Problem) -> tuple[HTTPStatus, Error]:
    """The HTTP status and the JSON answer."""
    status = problem.status
    if status == HTTPStatus.BAD_REQUEST and problem.code not in SITE_OR_REQUEST:
        status = UNPROCESSABLE
    return status, {"message": MESSAGES.get(problem.code, problem.message)}
