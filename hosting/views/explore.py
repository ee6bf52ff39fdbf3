"""What everybody may come across: everything, by category, by tag, and by words."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hosting import search as index
from hosting.listing import COMMON, among
from hosting.models import Category, HostedFile
from hosting.views.gallery import Gallery, gallery


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """Everything that is listed."""
    found = gallery(request, HostedFile.objects.listed())
    return _page(request, found, categories=Category.objects.all()[:30])


@require_safe
def category(request: HttpRequest, url_key: str) -> HttpResponse:
    """What lies in one of the site's drawers."""
    drawer = get_object_or_404(Category, url_key=url_key)
    found = gallery(request, HostedFile.objects.listed().filter(category=drawer))
    return _page(request, found, category=drawer)


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """What somebody gave this word to; one that only hidden files have is as unknown as any other."""
    keys = HostedFile.tags.through.objects.filter(tag__name=name).values("hostedfile")
    many = keys[: COMMON + 1].count() > COMMON
    rows = among(HostedFile.objects.listed(), keys, many=many)
    found = gallery(request, rows)
    if not found.files and not rows.exists():
        raise Http404
    return _page(request, found, tag=name)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What has all of these words, and the form to ask for others."""
    words, key = request.GET.get("q", "").strip(), request.GET.get("category", "")
    rows = index.matching(HostedFile.objects.listed(), words)
    drawers = list(Category.objects.all()[:100])
    if key:
        if key not in {drawer.url_key for drawer in drawers}:
            raise Http404
        rows = rows.filter(category__url_key=key)
    context = {
        "gallery": gallery(request, rows),
        # No longer than what was looked for, however long it was.
        "words": words[: index.QUERY_LENGTH],
        "categories": drawers,
        "chosen": key,
    }
    return render(request, "hosting/search.html", context)


def _page(request: HttpRequest, found: Gallery, **told: Any) -> HttpResponse:
    return render(request, "hosting/explore.html", {"gallery": found, **told})
