"""Problem: any exception as one shape, from which each dialect renders its own error.

This is the only place that knows every kind of exception: the domain's, DRF's, Django's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404
from rest_framework import exceptions as drf

from accounts.errors import AccountError
from hosting.errors import HostingError, kind_of
from processing import ProcessingError

logger = logging.getLogger(__name__)

LIMIT_HEADERS = "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After"


@dataclass(frozen=True)
class Problem:
    """What went wrong: a stable `code`, a public `message`, the `param` at fault, the HTTP meaning."""

    code: str
    message: str
    status: HTTPStatus
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cause: Exception | None = None


def from_exception(error: Exception) -> Problem:
    """The Problem behind `error`. An unforeseen error is logged, and answered without its details."""
    match error:
        case HostingError() | AccountError() | ProcessingError():
            return _problem(error, error)
        case RequestDataTooBig():
            return _problem(HostingError("request_too_large"), error)
        case TooManyFieldsSent() | TooManyFilesSent():
            return _problem(HostingError("too_many_parts"), error)
        case Http404() | drf.NotFound():
            return _problem(HostingError("not_found"), error)
        case PermissionDenied() | drf.PermissionDenied():
            return _problem(HostingError("forbidden"), error)
        case drf.APIException():
            status = HTTPStatus(error.status_code)
            code = str(error.default_code)
            return Problem(code, str(error.detail), status, cause=error)
        case SuspiciousOperation():
            return _problem(HostingError("bad_request"), error)
        case _:
            logger.error("unforeseen error", exc_info=error)
            return _problem(HostingError("internal_error"), error)


def _problem(said: HostingError | AccountError | ProcessingError, cause: Exception) -> Problem:
    status = HTTPStatus(kind_of(said.code).status)
    return Problem(said.code, said.message, status, said.param, _headers(said), cause)


def limit_headers(limit: int, remaining: int, seconds: int) -> dict[str, str]:
    """The state of a limit: its size per period, what is left, and the seconds until the next period."""
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(seconds),
    }


def _headers(error: HostingError | AccountError | ProcessingError) -> dict[str, str]:
    """When to retry, for temporary refusals."""
    # An error's own waiting time takes precedence.
    seconds = getattr(error, "seconds", kind_of(error.code).seconds)
    if seconds is None:
        return {}
    limit = getattr(error, "limit", None)
    limits = limit_headers(limit, 0, seconds) if limit is not None else {}
    return {"Retry-After": str(seconds), **limits}
