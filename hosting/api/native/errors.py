"""Problems as RFC 9457 tells them: `application/problem+json`, with a stable `code` beside its members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from hosting.api.problems import Problem
from hosting.errors import Duplicate, HostingError
from hosting.jobs.pipelines import InvalidPipeline

MEDIA_TYPE = "application/problem+json"

# What codes mean here, where the table of all dialects does not know them or means something else.
STATUSES: Mapping[str, HTTPStatus] = {
    "account_required": HTTPStatus.FORBIDDEN,
    "signed_out": HTTPStatus.UNAUTHORIZED,
    "csrf_failed": HTTPStatus.FORBIDDEN,
    "reauthentication_required": HTTPStatus.FORBIDDEN,
    "conflict": HTTPStatus.CONFLICT,
    "job_ended": HTTPStatus.CONFLICT,
    "idempotency_in_progress": HTTPStatus.CONFLICT,
    "precondition_failed": HTTPStatus.PRECONDITION_FAILED,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "idempotency_mismatch": HTTPStatus.UNPROCESSABLE_ENTITY,
    "wrong_password": HTTPStatus.FORBIDDEN,
    "unsupported_version": HTTPStatus.PRECONDITION_FAILED,
    "offset_conflict": HTTPStatus.CONFLICT,
    "upload_locked": HTTPStatus.LOCKED,
    "upload_gone": HTTPStatus.GONE,
    "beyond_length": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_uploads": HTTPStatus.TOO_MANY_REQUESTS,
    "no_space": HTTPStatus.INSUFFICIENT_STORAGE,
}


# What a program's author has to know beside what people are told.
MESSAGES: Mapping[str, str] = {
    "no_key": "No API key was given: send it as the header X-API-Key, or as Authorization: Bearer.",
    "duplicate": "You have this file already: existing is its id.",
}
# The domain's word for what is sent, and the ways in which it is sent here.
SOURCE, WAYS = "source", ("file", "url", "base64")
# What is wrong with the parameter of that name, by which a job names a file.
OF_A_JOB = frozenset({"unknown_file", "invalid_parameters"})
# What is wrong with no parameter, but with a header.
OF_A_HEADER = frozenset({"no_key", "invalid_key"})


class InvalidParameters(HostingError):
    """What is wrong with a request, by the names of its parameters ("changes.title")."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        self.errors = list(errors)
        first = self.errors[0][0] if self.errors else None
        super().__init__("invalid_parameters", "The parameters are not all valid.", first)


def status_of(problem: Problem) -> HTTPStatus:
    """The HTTP status of a problem in this API."""
    return STATUSES.get(problem.code, problem.status)


def render(problem: Problem, sent: str = WAYS[0]) -> tuple[HTTPStatus, dict[str, Any]]:
    """The HTTP status and the JSON answer. sent: by which of WAYS the bytes came; names them as a parameter."""
    status = status_of(problem)
    answer: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": MESSAGES.get(problem.code, problem.message),
        "code": problem.code,
    }
    if problem.param and problem.code not in OF_A_HEADER:
        is_upload = problem.param == SOURCE and problem.code not in OF_A_JOB
        answer["param"] = sent if is_upload else problem.param
    match problem.cause:
        case InvalidParameters() as invalid:
            answer["errors"] = [{"param": at, "message": text} for at, text in invalid.errors]
        case InvalidPipeline() as invalid:
            answer["errors"] = [
                {"param": f"pipeline.{at}".rstrip("."), "message": text}
                for at, text in invalid.errors
            ]
        case Duplicate(file=file):
            answer["existing"] = file.public_id
    return status, answer
