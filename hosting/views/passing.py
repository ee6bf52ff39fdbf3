"""Temporary refusals, as pages answer them: the status, and when to come back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts import client_ip, rates
from accounts.errors import AccountError
from hosting.errors import HostingError, kind_of
from hosting.storage import objects
from hosting.views.visitor import caller_of
from processing import ProcessingError

Refusal = AccountError | HostingError | ProcessingError
PASSING = (AccountError, HostingError)


def refuse_if_no_work(request: HttpRequest) -> None:
    """Raise what keeps this visitor from sending anything now, before the body is taken apart."""
    if request.META.get("vitrine.no_space"):
        raise objects.no_space()
    objects.refuse_if_disk_low()
    rates.refuse_if_spent(caller_of(request), client_ip.address_of(request))


def seconds_of(error: Refusal) -> int | None:
    """How long to wait; None for what waiting does not mend."""
    seconds = kind_of(error.code).seconds
    return None if seconds is None else int(getattr(error, "seconds", seconds))


def status_of(error: Refusal) -> int:
    """The HTTP status: 400 for what waiting does not mend."""
    kind = kind_of(error.code)
    return 400 if kind.seconds is None else kind.status


def marked(response: HttpResponse, error: Refusal) -> HttpResponse:
    """The response with the headers that say when to come back."""
    if (seconds := seconds_of(error)) is not None:
        response["Retry-After"] = str(seconds)
        if (limit := getattr(error, "limit", None)) is not None:
            response["RateLimit-Limit"] = str(limit)
            response["RateLimit-Remaining"] = "0"
            response["RateLimit-Reset"] = str(seconds)
    return response
