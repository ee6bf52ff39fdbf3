"""A member's own albums: the tree, creating, editing and deleting one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from hosting.albums import deletion, editing
from hosting.albums.dissolving import dissolve
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.forms import AlbumForm
from hosting.models import Album, HostedFile
from hosting.views.member import own


@dataclass
class Branch:
    """An album with the albums in it."""

    album: Album
    cover: HostedFile | None
    children: list[Branch] = field(default_factory=list)


def _tree(user: User) -> list[Branch]:
    """The tree of the member's albums, from two queries and one for the covers."""
    rows = list(Album.objects.filter(owner=user).annotate(count=Count("files")))
    covers = _covers(rows)
    branches = {row.pk: Branch(row, covers.get(row.pk)) for row in rows}
    for row in rows:
        if row.parent_id in branches:
            branches[row.parent_id].children.append(branches[row.pk])
    return [branches[row.pk] for row in rows if row.parent_id not in branches]


def _covers(rows: Sequence[Album]) -> dict[int, HostedFile]:
    """Each album's own cover, or its newest file."""
    chosen = {row.pk: row.cover_id for row in rows if row.cover_id}
    newest = (
        HostedFile.objects.alive()
        .filter(album__in=[row.pk for row in rows if not row.cover_id])
        .order_by("album", "-created_at", "-pk")
        .values_list("album_id", "pk")
    )
    for album, file in newest.iterator(2000):
        chosen.setdefault(album, file)
    found = HostedFile.objects.select_related("album").prefetch_related("variants")
    files = found.in_bulk(list(chosen.values()))
    return {album: files[file] for album, file in chosen.items() if file in files}


@login_required
@never_cache
@require_safe
def own_albums(request: HttpRequest) -> HttpResponse:
    """The tree of the member's albums."""
    context = {"branches": _tree(own.member(request))}
    return render(request, "hosting/dashboard/albums.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_album(request: HttpRequest) -> HttpResponse:
    """The form for a new one."""
    user = own.member(request)
    form = AlbumForm(request.POST or None, owner=user, parent=request.GET.get("in", ""))
    if request.method == "POST" and form.is_valid():
        try:
            album = editing.create(user, form.changes())
        except HostingError as error:
            form.add_error(
                error.param if error.param in form.fields else None, translated(error.message)
            )
        else:
            messages.success(request, _("The album “%(name)s” was created.") % {"name": album.name})
            return redirect("own-albums")
    return render(request, "hosting/dashboard/album.html", {"form": form})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_album(request: HttpRequest, public_id: str) -> HttpResponse:
    """All the details of one album."""
    album = own.album(request, public_id)
    form = AlbumForm(request.POST or None, owner=own.member(request), album=album)
    if request.method == "POST" and form.is_valid():
        try:
            editing.edit(album, form.changes())
        except HostingError as error:
            form.add_error(
                error.param if error.param in form.fields else None, translated(error.message)
            )
        else:
            messages.success(request, _("The album “%(name)s” was saved.") % {"name": album.name})
            if album.closing_to:
                messages.info(
                    request,
                    _(
                        "This album has many files. They are being made private first; the album "
                        "follows."
                    ),
                )
            return redirect("own-albums")
    return render(request, "hosting/dashboard/album.html", {"form": form, "album": album})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete_album(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks what to do with the files; POST does it."""
    album = own.album(request, public_id)
    if request.method == "POST":
        if request.POST.get("files") == "delete":
            deletion.delete_album(album)
        else:
            dissolve(album)
        messages.success(request, _("The album “%(name)s” was deleted.") % {"name": album.name})
        return redirect("own-albums")
    context = {"album": album, "count": album.files.count(), "inside": album.children.count()}
    return render(request, "hosting/dashboard/album_delete.html", context)
