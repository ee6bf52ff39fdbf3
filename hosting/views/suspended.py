"""What a suspended member's session still opens: the notices, an appeal, their data, closing the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from hosting.pages import AT_ROOT
from hosting.views.visitor import member_of

# Addresses by name.
OPEN = frozenset(
    {
        "notices", "appeal", "data-settings", "export", "close-account", "language", "theme",
        "account_logout", "account_reauthenticate", "mfa_reauthenticate", "page", "health", "ready",
        "favicon", "robots", *(f"page-{slug}" for slug in AT_ROOT),
    }
)  # fmt: skip


class SuspendedMiddleware:
    """Leads suspended members from every other page to their notices. The APIs refuse them on their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Redirect where the session is a suspended member's."""
        if hasattr(view, "cls") or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        member = member_of(request)
        if member is None or member.suspended_at is None or name in OPEN:
            return None
        return redirect("notices")
