"""The direct links' last resort: bytes that no file-sending server gave out by itself."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from hosting import serving
from hosting.serving import Access


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """Send the bytes at `path` to whoever may have them."""
    if (stored := serving.locate(path)) is None:
        raise Http404
    user = request.user if isinstance(request.user, User) else None
    match serving.access_to(stored, user):
        case Access.GONE:
            return render(request, "410.html", status=410)
        case Access.HIDDEN:
            raise Http404
    try:
        return serving.respond(request, stored)
    except FileNotFoundError as error:
        raise Http404 from error
