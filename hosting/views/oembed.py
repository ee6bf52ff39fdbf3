"""oEmbed: other sites turn a link to a view page into the picture itself (https://oembed.com)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from hosting.delivery import access, links
from hosting.delivery.access import Access
from hosting.models import HostedFile
from hosting.views.presenting import pictures
from hosting.views.presenting.pictures import Picture
from hosting.views.viewer import find

Answer = dict[str, Any]

# What XML 1.0 cannot hold, not even escaped.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """The answer for `url`, in JSON or XML; files that a guest may not see are not found."""
    wanted = request.GET.get("format", "json")
    if wanted not in RENDERERS:
        return HttpResponse("Not Implemented\n", status=501, content_type="text/plain")
    file = _named(request.GET.get("url", ""))
    match access.access(file, None):
        case Access.GONE:
            return HttpResponse("Gone\n", status=410, content_type="text/plain")
        case Access.HIDDEN:
            raise Http404
    room = (_side(request.GET.get("maxwidth")), _side(request.GET.get("maxheight")))
    response = RENDERERS[wanted](_answer(file, *room))
    # Any site's pages may request it: the answer is the same for everybody.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _named(url: str) -> HostedFile:
    """The file whose view page `url` is, or Http404."""
    try:
        parts, own = urlsplit(url), urlsplit(settings.SITE_URL)
        is_ours = parts.scheme in {"http", "https"} and parts.netloc.lower() == own.netloc.lower()
        found = resolve(unquote(parts.path))
    except (ValueError, Resolver404) as error:
        raise Http404 from error
    if not is_ours or found.url_name != "viewer":
        raise Http404
    return find(found.kwargs["name"])


def _side(text: str | None) -> int | None:
    """A limit in pixels; anything but a positive number is no limit."""
    return int(text[:6]) or None if text and text.isascii() and text.isdigit() else None


def _answer(file: HostedFile, width: int | None, height: int | None) -> Answer:
    answer: Answer = {
        "version": "1.0",
        "type": "photo",
        "title": file.display_title,
        "provider_name": settings.SITE_NAME,
        "provider_url": f"{settings.SITE_URL}/",
    }
    if file.owner is not None:
        answer["author_name"] = file.owner.username
    if file.kind == file.Kind.VIDEO:
        answer |= _video(file, width, height)
    elif picture := pictures.fitting(file, width, height):
        answer |= {"url": picture.link, "width": picture.width, "height": picture.height}
    thumb = pictures.thumb(file)
    if thumb is not None and thumb.fits(width, height):
        answer["thumbnail_url"] = thumb.link
        answer |= {"thumbnail_width": thumb.width, "thumbnail_height": thumb.height}
    return answer


def _video(file: HostedFile, width: int | None, height: int | None) -> Answer:
    shown = Picture(links.shown_at(file), file.width, file.height, file.file_format.mime)
    shown, still = shown.within(width, height), pictures.poster(file)
    html = format_html(
        '<video src="{}" width="{}" height="{}" poster="{}" controls></video>',
        *(shown.link, shown.width, shown.height, still.link if still else ""),
    )
    return {"type": "video", "html": html, "width": shown.width, "height": shown.height}


def _xml(answer: Answer) -> HttpResponse:
    root = ElementTree.Element("oembed")
    for name, value in answer.items():
        ElementTree.SubElement(root, name).text = NOT_XML.sub("", str(value))
    document = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(document, content_type="text/xml; charset=utf-8")


RENDERERS: dict[str, Callable[[Answer], HttpResponse]] = {"json": JsonResponse, "xml": _xml}
