"""Pages and files that say something about the site itself, to people and to machines."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.keys import guest_access
from hosting.forms import EXPIRATIONS
from hosting.serving import absolute
from hosting.views.home import upload_limits
from hosting.views.visitor import caller_of

ROBOTS = """\
User-agent: *
Disallow: /account/
Disallow: /admin/
Disallow: /api/
Disallow: /dashboard
Disallow: /search
Disallow: /settings/
Disallow: /*/delete/
Disallow: /*/download
"""


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    """How a program uploads by Chevereto's API."""
    guests = guest_access()
    context = {
        "endpoint": absolute("/api/1/upload"),
        "guest_key": guests.key if guests.enabled and guests.api_enabled else "",
        "expirations": [key for key in EXPIRATIONS if key],
        **upload_limits(caller_of(request)),
    }
    return render(request, "hosting/api.html", context)


@require_safe
@cache_control(max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers need not look at."""
    told = f"{ROBOTS}Sitemap: {absolute(reverse('sitemap'))}\n"
    return HttpResponse(told, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """For whoever asks without reading the page's own link."""
    return redirect(static("img/favicon.svg"))
