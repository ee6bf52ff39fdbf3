"""The sitemap for search engines: only what is listed (https://www.sitemaps.org)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import escape_leading_slashes
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from hosting.delivery.links import absolute
from hosting.models import Album, Category, HostedFile, Privacy

SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# The newest of each; a map has at most 50,000 lines.
FILES, ALBUMS = 10_000, 5_000


@require_safe
@cache_control(max_age=3600)
def sitemap(request: HttpRequest) -> HttpResponse:
    """The newest pictures and albums, and the pages that lead to the rest."""
    root = ElementTree.Element("urlset", xmlns=SPACE)
    for path in _paths():
        line = ElementTree.SubElement(root, "url")
        ElementTree.SubElement(line, "loc").text = absolute(escape_leading_slashes(path))
    document = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(document, content_type="application/xml; charset=utf-8")


def _paths() -> Iterator[str]:
    yield reverse("home")
    yield reverse("explore")
    for drawer in Category.objects.all():
        yield reverse("category", args=[drawer.url_key])
    albums = Album.objects.filter(
        privacy=Privacy.PUBLIC, owner__is_active=True, owner__suspended_at=None
    )
    for album in albums.only("name", "public_id").order_by("-pk")[:ALBUMS]:
        yield album.viewer_path
    files = HostedFile.objects.listed().filter(nsfw=False).only("title", "public_id", "kind")
    for file in files[:FILES]:
        yield file.viewer_path
