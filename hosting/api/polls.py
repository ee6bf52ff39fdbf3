"""PollsMiddleware: requests that clients repeat often take a shortcut to their view.

The middleware for pages (sessions, forms' tokens, languages, content policies) takes longer than the answer to
a poll, which has no use for it. The views themselves decide who may call them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve

from hosting.api.dialects import polls


class PollsMiddleware:
    """Comes before all middleware that only pages need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not polls(request.path_info):
            return self._get_response(request)
        match = request.resolver_match = resolve(request.path_info)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response
