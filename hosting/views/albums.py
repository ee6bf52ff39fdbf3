"""The album's page, its password, its embed codes, and the archive of its files."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from accounts import client_ip
from hosting.albums import contents, unlocking
from hosting.delivery import access, archives, links
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.files import embeds
from hosting.models import Album, HostedFile, Privacy
from hosting.models.privacy import OPEN
from hosting.models.slug import slug_of
from hosting.views.presenting import pictures
from hosting.views.presenting.gallery import gallery
from hosting.views.visitor import member_of, proofs_of

# Sub-albums on the page, and files whose codes are on one page.
MOST_ALBUMS, MOST_CODES = 200, 500
ORDERS = ("recent", "popular", "liked")


@cache_control(private=True, no_cache=True)
@require_http_methods(["GET", "HEAD", "POST"])
def album(request: HttpRequest, name: str) -> HttpResponse:
    """The page, at the album's one address; POST gives the password."""
    row = _find(name)
    if request.method == "POST":
        return _unlock(request, row)
    if not access.album_opens(row, member_of(request), proofs_of(request)):
        return _locked(request, row)
    if request.path != unquote(row.viewer_path):
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{row.viewer_path}?{query}" if query else row.viewer_path)
    return _page(request, row)


@require_safe
def codes(request: HttpRequest, public_id: str) -> HttpResponse:
    """Links and embed codes of everything in the album, a line a file."""
    row = _open(request, public_id)
    files = _newest_first(row, request)[: MOST_CODES + 1]
    groups = embeds.groups([(file, "") for file in files[:MOST_CODES]])
    context = {"album": row, "groups": groups, "most": MOST_CODES, "more": len(files) > MOST_CODES}
    return render(request, "hosting/album_codes.html", context)


@require_safe
def download(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Everything in the album as one archive."""
    row = _open(request, public_id)
    files = contents.files_of(row, member_of(request))
    pieces: Iterable[bytes] = []
    try:
        archives.check(files)
        if request.method == "GET":
            entries = archives.entries_by_title(files.order_by("created_at", "pk"))
            pieces = archives.InTurn(archives.stream(entries), client_ip.address_of(request))
    except HostingError as error:
        context = {"album": row, "error": translated(error.message)}
        has_no_turn = isinstance(error, archives.NoTurn)
        refused = render(
            request, "hosting/album_refused.html", context, status=503 if has_no_turn else 400
        )
        if has_no_turn:
            refused["Retry-After"] = str(archives.NoTurn.seconds)
        return refused
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    name = f"{slug_of(row.name) or row.public_id}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def _find(name: str) -> Album:
    """The album whose address ends in `name` (`slug.publicid` or `publicid`), or Http404."""
    rows = Album.objects.select_related("owner", "parent", "cover")
    row = rows.filter(public_id=name.rpartition(".")[2]).first()
    if row is None:
        raise Http404
    return row


def _open(request: HttpRequest, public_id: str) -> Album:
    """The album where it opens to this visitor, or Http404."""
    row = _find(public_id)
    if not access.album_opens(row, member_of(request), proofs_of(request)):
        raise Http404
    return row


def _newest_first(row: Album, request: HttpRequest) -> list[HostedFile]:
    files = contents.files_of(row, member_of(request)).prefetch_related("variants")
    return list(files.order_by("-created_at", "-pk")[: MOST_CODES + 1])


def _unlock(request: HttpRequest, row: Album) -> HttpResponse:
    if row.privacy != Privacy.PASSWORD:
        return (
            _locked(request, row) if row.privacy == Privacy.PRIVATE else redirect(row.viewer_path)
        )
    try:
        proof = unlocking.unlock(
            row, request.POST.get("password", ""), client_ip.address_of(request)
        )
    except HostingError as error:
        return _locked(request, row, error)
    unlocking.remember(request.session, row, proof)
    return redirect(row.viewer_path)


def _locked(request: HttpRequest, row: Album, error: HostingError | None = None) -> HttpResponse:
    """Ask for the password, and reveal nothing of the album; a private album is not found at all."""
    if row.privacy != Privacy.PASSWORD:
        raise Http404
    status = 429 if error is not None and error.code == "rate_limited" else 403
    context = {"error": translated(error.message) if error is not None else ""}
    return render(request, "hosting/album_locked.html", context, status=status)


def _page(request: HttpRequest, row: Album) -> HttpResponse:
    member = member_of(request)
    is_own = contents.sees_all(row, member)
    found = gallery(request, contents.files_of(row, member), orders=ORDERS, kinds=())
    inside = list(contents.albums_in(row, member)[:MOST_ALBUMS])
    is_listed = row.privacy == Privacy.PUBLIC
    face = next((file for file in found.files if not file.nsfw), None)
    parent = row.parent
    context = {
        "album": row,
        "url": links.absolute(row.viewer_path),
        "gallery": found,
        "albums": contents.with_covers(inside, all_files=is_own) if inside else [],
        # Its name may be private although this one's is not.
        "parent": parent if parent and _leads_up(row, parent, request) else None,
        "is_own": is_own,
        "is_listed": is_listed,
        "preview": pictures.preview(face) if face and row.privacy in OPEN else None,
        # A visitor with the link to an unlisted album gets a link back to it from its files.
        "suffix": "" if is_listed else f"?album={row.public_id}",
        "may_administer": request.user.is_staff and request.user.has_perm("hosting.view_album"),
    }
    return render(request, "hosting/album.html", context)


def _leads_up(row: Album, parent: Album, request: HttpRequest) -> bool:
    """Whether this visitor may know of the parent album: it is listed, opened, or their own."""
    if parent.privacy == Privacy.UNLISTED:
        return access.owns_album(member_of(request), parent)
    return access.album_opens(parent, member_of(request), proofs_of(request))
