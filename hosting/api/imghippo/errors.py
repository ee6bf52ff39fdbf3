"""Problems as Imghippo's callers read them: `success`, `status` (the HTTP one) and `message`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from django.conf import settings
from pydantic import Field
from typing_extensions import TypedDict

from hosting.api.problems import Problem
from hosting.sources.source import megabytes

MESSAGES = {
    "no_key": "Missing API key",
    "invalid_key": "Invalid API key",
    "empty_source": "The file is empty",
    "request_too_large": f"Request too large: at most {megabytes(settings.MAX_FILE_BYTES)} in all",
}
# What the page calls a bad request or a fault of the server, where HTTP in general is more particular.
STATUSES = {
    "duplicate": HTTPStatus.BAD_REQUEST,
    "timed_out": HTTPStatus.INTERNAL_SERVER_ERROR,
    "worker_lost": HTTPStatus.INTERNAL_SERVER_ERROR,
    "engine_missing": HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Error(TypedDict):
    """What went wrong."""

    success: Literal[False]
    status: Annotated[int, Field(description="The HTTP status.")]
    message: str


def render(problem: Problem) -> tuple[HTTPStatus, Error]:
    """The HTTP status and the JSON answer."""
    status = STATUSES.get(problem.code, problem.status)
    message = MESSAGES.get(problem.code, problem.message)
    return status, {"success": False, "status": status.value, "message": message}
