"""Problems as Chevereto's clients read them: HTTP 400 for everything the client can fix, and a number.

The numbers are Chevereto's own where it has one (100 key, 110 version, 120 action and base64, 130 empty source,
101 duplicate, 104 no space, 613 format, …); 400 is every other mistake in the request.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from hosting.api.chevereto.responses import Image, ImgbbImage
from hosting.api.problems import Problem

CODES = {
    "no_key": 100,
    "no_action": 100,
    "no_version": 100,
    "invalid_key": 100,
    "duplicate": 101,
    "storage_full": 104,
    "invalid_version": 110,
    "invalid_action": 120,
    "invalid_base64": 120,
    "empty_source": 130,
    "base64_by_get": 130,
    "uploads_disabled": 401,
    "url_uploads_disabled": 403,
    "unsupported_format": 613,
}
# Chevereto's own words, where people search for them.
MESSAGES = {"no_key": "No key provided"}
# Problems that are not specific to uploads keep HTTP's own status.
KEPT = frozenset(
    {
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.INSUFFICIENT_STORAGE,
    }
)


# Problems whose HTTP status says more than Chevereto's 400.
WITH_THEIR_STATUS = frozenset({"request_too_large", "missing_scope"})


class Reason(TypedDict):
    """What went wrong."""

    message: str
    code: Annotated[int, Field(description="Chevereto's error number, otherwise the HTTP status.")]


class ErrorBase(TypedDict):
    """What every error contains."""

    status_code: Annotated[int, Field(description="The HTTP status.")]
    error: Reason
    status_txt: str


class Error(ErrorBase, total=False):
    """What went wrong; of a duplicate, the picture that is there, as `image` or in ImgBB's words `data`."""

    image: Image
    data: ImgbbImage


def render(problem: Problem) -> tuple[HTTPStatus, Error]:
    """The HTTP status and the JSON answer."""
    status = status_of(problem)
    code = CODES.get(problem.code, status.value)
    message = MESSAGES.get(problem.code, problem.message)
    return status, {
        "status_code": status.value,
        "error": {"message": message, "code": code},
        "status_txt": status.phrase,
    }


def status_of(problem: Problem) -> HTTPStatus:
    """400 for what the client can fix; a too large request, a wrong method and a fault keep their own."""
    if problem.status in KEPT or problem.code in WITH_THEIR_STATUS:
        return problem.status
    return HTTPStatus.BAD_REQUEST
