"""Temporary refusals, as pages answer them: the status, and when to come back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts import client_ip, rates
from accounts.errors import AccountError
from hosting.errors import HostingError
from hosting.storage import objects
from hosting.views.visitor import caller_of
from processing import ProcessingError

Refusal = AccountError | HostingError | ProcessingError
PASSING = (AccountError, HostingError)
# By their codes: the status, and the seconds where the refusal itself does not say.
CODES: dict[str, tuple[int, int]] = {
    "rate_limited": (429, 60),
    "daily_limit": (429, 3600),
    "too_many_jobs": (429, 30),
    "too_many_uploads": (429, 60),
    "busy": (503, 5),
    "no_space": (507, 300),
}


def refuse_if_no_work(request: HttpRequest) -> None:
    """Raise what keeps this visitor from sending anything now, before the body is taken apart."""
    if request.META.get("vitrine.no_space"):
        raise objects.no_space()
    objects.refuse_if_disk_low()
    rates.refuse_if_spent(caller_of(request), client_ip.address_of(request))


def seconds_of(error: Refusal) -> int | None:
    """How long to wait; None for errors that waiting does not solve."""
    if error.code not in CODES:
        return None
    return int(getattr(error, "seconds", CODES[error.code][1]))


def status_of(error: Refusal) -> int:
    """The HTTP status: 400 for errors that waiting does not solve."""
    return CODES.get(error.code, (400, 0))[0]


def marked(response: HttpResponse, error: Refusal) -> HttpResponse:
    """The response with the headers that say when to come back."""
    if (seconds := seconds_of(error)) is not None:
        response["Retry-After"] = str(seconds)
        if (limit := getattr(error, "limit", None)) is not None:
            response["RateLimit-Limit"] = str(limit)
            response["RateLimit-Remaining"] = "0"
            response["RateLimit-Reset"] = str(seconds)
    return response
