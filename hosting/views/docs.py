"""`/api/docs`: which API suits whom, and the reference of each, generated from its schema."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.keys import Caller
from hosting.api.dialects import DIALECTS
from hosting.api.schema import document
from hosting.forms.expirations import deleted_after
from hosting.reference import Reference, read
from hosting.views.home import upload_limits
from hosting.views.visitor import caller_of

# The call that the overview shows.
FIRST = ("native", "uploadFile")


@require_safe
@gzip_page
def overview(request: HttpRequest) -> HttpResponse:
    """Which API suits whom, how to get a key, and a first call."""
    name, call = FIRST
    first = next(one for one in _reference(name, get_language()).operations if one.id == call)
    caller = caller_of(request)
    context = {
        **_context(caller),
        **upload_limits(caller),
        "guests_deleted_after": deleted_after(span)
        if (span := caller.guest_access.keep_for)
        else "",
        "first": first.code,
    }
    return render(request, "hosting/docs/overview.html", context)


@require_safe
@gzip_page
def reference(request: HttpRequest, name: str) -> HttpResponse:
    """All operations of one API."""
    if name not in DIALECTS:
        raise Http404
    links, body = _parts(name, get_language())
    context = {
        **_context(caller_of(request)),
        "name": name,
        "api": DIALECTS[name],
        "links": links,
        "body": body,
    }
    if not DIALECTS[name].guests:
        context["guest_key"] = ""
    return render(request, "hosting/docs/reference.html", context)


def _context(caller: Caller) -> dict[str, object]:
    guests = caller.guest_access
    guest_key = guests.key if guests.enabled and guests.api_enabled else ""
    return {"apis": DIALECTS, "guest_key": guest_key}


# Both are kept for each language, because bounds and headings are words of it: five APIs in a few languages.
@lru_cache(maxsize=64)
def _reference(name: str, _language: str | None) -> Reference:
    return read(document(name), settings.SITE_URL)


@lru_cache(maxsize=64)
def _parts(name: str, language: str | None) -> tuple[SafeString, SafeString]:
    """The contents and the body of a reference, which are the same for every reader."""
    context = {
        "reference": _reference(name, language),
        "api": DIALECTS[name],
        "name": name,
        "site_url": settings.SITE_URL,
    }
    return (
        render_to_string("hosting/docs/links.html", context),
        render_to_string("hosting/docs/body.html", context),
    )
