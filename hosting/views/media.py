"""The direct links' last resort: bytes that no file-sending server has sent already."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hosting.delivery import access, links, responses
from hosting.delivery.access import Access
from hosting.views.visitor import member_of, proofs_of


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Send the bytes at `path` to visitors who may have them."""
    if (stored := links.locate(path)) is None:
        raise Http404
    match access.access_to(stored, member_of(request), proofs_of(request)):
        case Access.GONE:
            return render(request, "410.html", status=410)
        case Access.HIDDEN:
            raise Http404
    try:
        return responses.respond(request, stored)
    except FileNotFoundError as error:
        raise Http404 from error
