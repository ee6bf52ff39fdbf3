"""The page around one picture or video."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.models import User
from hosting.albums import contents
from hosting.delivery import access, links
from hosting.delivery.access import Access
from hosting.delivery.links import absolute
from hosting.files import embeds, likes, view_counts
from hosting.models import Album, HostedFile, Privacy, Reason, Variant
from hosting.views.presenting import pictures
from hosting.views.visitor import member_of, proofs_of


@require_safe
@cache_control(private=True, no_cache=True)
def viewer(request: HttpRequest, route: str, name: str) -> HttpResponse:
    """The page, at the file's one address; every other spelling of it leads there."""
    file, member = find(name), member_of(request)
    match access.access(file, member, proofs_of(request)):
        case Access.GONE:
            return render(request, "410.html", status=410)
        case Access.HIDDEN:
            raise Http404
    if request.path != unquote(file.viewer_path):
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{file.viewer_path}?{query}" if query else file.viewer_path)
    view_counts.count(request, file, member)
    context = _context(file, member)
    if file.album is not None and _knows(request, file.album):
        context |= _in_album(request, file.album, file)
    if member is not None and member.is_staff:
        context["reasons"] = Reason.objects.filter(is_active=True)
    return render(request, "hosting/viewer.html", context)


def find(name: str) -> HostedFile:
    """The file whose viewer's address ends in `name` (`slug.publicid` or `publicid`), or Http404."""
    files = HostedFile.every.select_related("owner", "album__owner", "category")
    file = (
        files.prefetch_related("variants", "tags").filter(public_id=name.rpartition(".")[2]).first()
    )
    if file is None:
        raise Http404
    return file


def _context(file: HostedFile, member: User | None) -> dict[str, Any]:
    url = absolute(file.viewer_path)
    own = access.owns(member, file)
    originals = [v for v in file.variants.all() if v.name == Variant.ORIGINAL]
    return {
        "file": file,
        "url": url,
        "stage": pictures.stage(file),
        "poster": pictures.poster(file),
        "preview": None if file.nsfw else pictures.preview(file),
        "direct": links.shown_at(file),
        "direct_link": links.url_of(file),
        "groups": embeds.groups([(file, "")]),
        "oembed": absolute(f"{reverse('oembed')}?{urlencode({'url': url})}"),
        "may_delete": access.may_delete(member, file),
        "original": links.shown_at(originals[0]) if own and originals else "",
        "is_listed": file.is_listed,
        "liked": bool(likes.liked_by(member, [file])),
    }


def _knows(request: HttpRequest, album: Album) -> bool:
    """Whether this visitor may be shown a link to the album: having a file's link does not imply the album's.

    A visitor who comes from an unlisted album, and so names it in the address, knows it already.
    """
    if album.privacy == Privacy.UNLISTED and request.GET.get("album") != album.public_id:
        return access.owns_album(member_of(request), album)
    return access.album_opens(album, member_of(request), proofs_of(request))


def _in_album(request: HttpRequest, album: Album, file: HostedFile) -> dict[str, Any]:
    newer, older = contents.neighbours(contents.files_of(album, member_of(request)), file)
    suffix = f"?album={album.public_id}" if album.privacy != Privacy.PUBLIC else ""
    return {
        "album": album,
        "newer": newer and f"{newer.viewer_path}{suffix}",
        "older": older and f"{older.viewer_path}{suffix}",
    }
