"""The site's own texts: about, terms, privacy, contact, and what else the operator wrote."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hosting import pages


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The operator's text, else the software's own, else 404."""
    if slug in pages.AT_ROOT and request.path.startswith("/page/"):
        return redirect(f"page-{slug}", permanent=True)
    text = pages.written(slug)
    if text:
        context = {"page": text, "body": pages.rendered(text)}
        return render(request, "hosting/page.html", context)
    if slug not in pages.BUILT_IN or pages.is_down(slug):
        raise Http404
    context = {"keeps_originals": settings.KEEP_ORIGINALS}
    return render(request, pages.BUILT_IN[slug].template, context)
