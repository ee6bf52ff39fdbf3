"""Problems in the form of RFC 9457: `application/problem+json`, with a stable `code` among the members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from hosting.api.problems import Problem
from hosting.errors import Duplicate, HostingError
from hosting.jobs.pipelines import InvalidPipeline

MEDIA_TYPE = "application/problem+json"

# Messages for a program's author, who needs to know more than people on the pages.
MESSAGES: Mapping[str, str] = {
    "no_key": "No API key was given: send it as the header X-API-Key, or as Authorization: Bearer.",
    "duplicate": "You have this file already: existing is its id.",
}
# The domain's name for the input, and the ways to send it here.
SOURCE, WAYS = "source", ("file", "url", "base64")
# Problems with the parameter of that name, by which a job refers to a file.
OF_A_JOB = frozenset({"unknown_file", "invalid_parameters"})
# Problems with a header, not with a parameter.
OF_A_HEADER = frozenset({"no_key", "invalid_key"})


class InvalidParameters(HostingError):
    """A request's errors, by the names of its parameters ("changes.title")."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        self.errors = list(errors)
        first = self.errors[0][0] if self.errors else None
        super().__init__("invalid_parameters", param=first)


def render(problem: Problem, sent: str = WAYS[0]) -> tuple[HTTPStatus, dict[str, Any]]:
    """The HTTP status and the JSON answer. sent: by which of WAYS the bytes came; names them as a parameter."""
    status = problem.status
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
