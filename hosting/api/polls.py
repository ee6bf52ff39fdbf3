"""PollsMiddleware: requests that are made again and again take the short way to their view.

What stands between a request and a page (sessions, forms' tokens, languages, what a page may load) takes
longer than the answer of a poll, which has no use for it. Its views say for themselves who may ask.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve

from hosting.api.dialects import polls


class PollsMiddleware:
    """Stands before everything that only pages need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not polls(request.path_info):
            return self._get_response(request)
        match = request.resolver_match = resolve(request.path_info)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response
