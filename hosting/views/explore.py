"""The public lists: everything, by category, by tag, and by search words."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from hosting.catalogue import search as index
from hosting.catalogue.listing import COMMON, among
from hosting.models import Category, HostedFile
from hosting.views.presenting import filters
from hosting.views.presenting.gallery import Gallery, gallery


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """Everything that is listed."""
    found = gallery(request, HostedFile.objects.listed())
    return _page(request, found, categories=Category.objects.all()[:30])


@require_safe
def category(request: HttpRequest, url_key: str) -> HttpResponse:
    """The files of one category."""
    drawer = get_object_or_404(Category, url_key=url_key)
    found = gallery(request, HostedFile.objects.listed().filter(category=drawer))
    return _page(request, found, category=drawer)


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """The files with this tag; a tag that only hidden files have is treated as unknown."""
    keys = HostedFile.tags.through.objects.filter(tag__name=name).values("hostedfile")
    many = keys[: COMMON + 1].count() > COMMON
    rows = among(HostedFile.objects.listed(), keys, many=many)
    found = gallery(request, rows)
    if not found.files and not rows.exists():
        raise Http404
    return _page(request, found, tag=name)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The files that match all of these words and the filters, and the search form."""
    words, key = request.GET.get("q", "").strip(), request.GET.get("category", "")
    drawers = list(Category.objects.all()[:100])
    rows: QuerySet[HostedFile] = HostedFile.objects.listed()
    if key:
        if key not in {drawer.url_key for drawer in drawers}:
            raise Http404
        rows = rows.filter(category__url_key=key)
    rows, fields = filters.narrowed(request, rows)
    is_narrowed = any(field.value for field in fields)
    if words or not (key or is_narrowed):
        rows = index.matching(rows, words)
    context = {
        "gallery": gallery(request, rows),
        # No longer than what was looked for, however long it was.
        "words": words[: index.QUERY_LENGTH],
        "categories": drawers,
        "chosen": key,
        "filters": fields,
        "is_narrowed": is_narrowed,
        "is_asked": bool(words or key or is_narrowed),
    }
    return render(request, "hosting/search.html", context)


def _page(request: HttpRequest, found: Gallery, **context: Any) -> HttpResponse:
    return render(request, "hosting/explore.html", {"gallery": found, **context})
