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
from hosting.errors import HostingError
from processing import ProcessingError

logger = logging.getLogger(__name__)

# What the codes of the domain mean in HTTP; a code that is not here is the sender's mistake (400).
STATUSES: Mapping[str, HTTPStatus] = {
    "no_key": HTTPStatus.UNAUTHORIZED,
    "invalid_key": HTTPStatus.UNAUTHORIZED,
    "missing_scope": HTTPStatus.FORBIDDEN,
    "storage_full": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_bytes": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "request_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_format": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "uploads_disabled": HTTPStatus.FORBIDDEN,
    "url_uploads_disabled": HTTPStatus.FORBIDDEN,
    "forbidden": HTTPStatus.FORBIDDEN,
    "duplicate": HTTPStatus.CONFLICT,
    "not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "not_configured": HTTPStatus.SERVICE_UNAVAILABLE,
    "backend_failed": HTTPStatus.BAD_GATEWAY,
    "too_many_jobs": HTTPStatus.TOO_MANY_REQUESTS,
    "daily_limit": HTTPStatus.TOO_MANY_REQUESTS,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "engine_missing": HTTPStatus.SERVICE_UNAVAILABLE,
    "worker_lost": HTTPStatus.SERVICE_UNAVAILABLE,
    "timed_out": HTTPStatus.GATEWAY_TIMEOUT,
    "internal_error": HTTPStatus.INTERNAL_SERVER_ERROR,
}


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
    """The Problem behind `error`. What nobody foresaw is logged, and told without its inside."""
    match error:
        case HostingError() | AccountError() | ProcessingError():
            status = STATUSES.get(error.code, HTTPStatus.BAD_REQUEST)
            # Whoever says how long to wait is worth listening to.
            seconds = getattr(error, "seconds", None)
            headers = {"Retry-After": str(seconds)} if seconds is not None else {}
            return Problem(error.code, error.message, status, error.param, headers, cause=error)
        case RequestDataTooBig():
            return _known("request_too_large", "The request is too large.", error)
        case TooManyFieldsSent() | TooManyFilesSent():
            return _known("too_many_parts", "The request has too many fields.", error)
        case Http404() | drf.NotFound():
            return _known("not_found", "There is nothing at this address.", error)
        case PermissionDenied() | drf.PermissionDenied():
            return _known("forbidden", "You may not do this.", error)
        case drf.MethodNotAllowed():
            return _known("method_not_allowed", str(error.detail), error)
        case drf.APIException():
            status = HTTPStatus(error.status_code)
            code = str(error.default_code)
            return Problem(code, str(error.detail), status, cause=error)
        case SuspiciousOperation():
            return _known("bad_request", "The request cannot be understood.", error)
        case _:
            logger.error("unforeseen error", exc_info=error)
            return _known("internal_error", "Something went wrong on our side.", error)


def _known(code: str, message: str, error: Exception) -> Problem:
    return Problem(code, message, STATUSES.get(code, HTTPStatus.BAD_REQUEST), cause=error)
