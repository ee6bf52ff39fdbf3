"""Requests of the website that process pictures: which they are, and the answer where they get no turn."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from hosting.error_messages import translated
from hosting.errors import HostingError, kind_of, no_turn

# Of "METHOD /path".
DECODES = re.compile(r"POST (/upload|/tools/[^/]+|/dashboard/files/[^/]+/(rotate|replace))")


class NoTurnMiddleware:
    """Answers for the website; the APIs' views answer in their own shapes. Comes before CsrfViewMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Refuse where the web server had no turn for the request."""
        # A view of an API has its class as `cls` (Django REST framework).
        error = None if hasattr(view, "cls") else no_turn(request)
        return _refuse(request, error) if error else None


def _refuse(request: HttpRequest, error: HostingError) -> HttpResponse:
    message = translated(error.message)
    if request.headers.get("Accept", "") == "application/json":
        response: HttpResponse = JsonResponse({"error": message}, status=503)
    else:
        response = render(request, "503.html", {"message": message}, status=503)
    response["Retry-After"] = str(kind_of(error.code).seconds)
    response["Cache-Control"] = "no-store"
    return response
