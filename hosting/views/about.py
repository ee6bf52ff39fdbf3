"""Pages and files about the site itself, for people and for machines."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from hosting.delivery.links import absolute

ROBOTS = """\
User-agent: *
Allow: /api/docs
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
    """Where Chevereto sites document their API: redirects to this site's pages."""
    return redirect("docs-api", "chevereto", permanent=True)


@require_safe
@cache_control(max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    """Addresses that crawlers need not visit."""
    text = f"{ROBOTS}Sitemap: {absolute(reverse('sitemap'))}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that request it without reading the page's own link."""
    return redirect(static("img/favicon.svg"))
