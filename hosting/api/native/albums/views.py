"""The views of albums: `/api/v2/albums…`."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.scopes import DELETE, EDIT, READ
from hosting.albums import deletion, dissolving, editing, unlocking
from hosting.api.native import access
from hosting.api.native.access import ALBUMS, Requester
from hosting.api.native.albums import requests
from hosting.api.native.albums.responses import AlbumObject, ProofObject
from hosting.api.native.view import NativeView
from hosting.catalogue.listing import Order
from hosting.delivery.access import owns_album
from hosting.errors import HostingError
from hosting.models import Album, HostedFile, Privacy
from hosting.models.file import SHOWN_TO_ALL

# mypy: disable-error-code="override"

ORDERS = {"recent": Order("created_at", dated=True), "updated": Order("updated_at", dated=True)}


class Albums(NativeView):
    """`/albums`: make, and list."""

    http_method_names = ["get", "head", "post", "options"]
    scopes = {"get": READ, "post": EDIT}
    accepts = {"get": requests.AlbumQuery, "post": requests.NewAlbum}
    answers = {"get": (200, AlbumObject), "post": (201, AlbumObject)}
    lists = frozenset({"get"})

    def get(self, request: Request) -> HttpResponseBase:
        values = self.values
        found, links = self.page(self._wanted(values), values, ORDERS[values["sort"]])
        return self.many(found, links, named=values.get("parent"), **shown(self.requester, found))

    def _wanted(self, values: dict[str, Any]) -> QuerySet[Album]:
        scope = values.get("scope", "own" if self.requester.user else "public")
        rows = ALBUMS.filter(privacy=Privacy.PUBLIC, owner__suspended_at=None)
        if scope == "own":
            rows = ALBUMS.filter(owner=self.requester.member())
        if (parent := values.get("parent")) == requests.TOP:
            return rows.filter(parent=None)
        if parent is not None:
            return rows.filter(parent=access.find_album(self.requester, parent))
        return rows

    def post(self, request: Request) -> HttpResponseBase:
        member = self.requester.member()
        album = editing.create(member, requests.album_changes_of(self.values, member))
        return self.one(
            album,
            status=201,
            location=f"/api/v2/albums/{album.public_id}",
            **shown(self.requester, [album]),
        )


class OneAlbum(NativeView):
    """`/albums/{id}`."""

    http_method_names = ["get", "head", "patch", "delete", "options"]
    scopes = {"get": READ, "patch": EDIT, "delete": DELETE}
    accepts = {"patch": requests.AlbumChanges, "delete": requests.AlbumRemoval}
    answers = {"get": (200, AlbumObject), "patch": (200, AlbumObject), "delete": (204, None)}

    def get(self, request: Request, id: str) -> HttpResponseBase:
        album = access.find_album(self.requester, id)
        return self.one(album, **shown(self.requester, [album]))

    def patch(self, request: Request, id: str) -> HttpResponseBase:
        self.requester.member()
        values = self.values
        with transaction.atomic():
            album = access.own_album(self.requester, id, "change", held=True)
            self.check_version(album, AlbumObject, **shown(self.requester, [album]))
            editing.edit(album, requests.album_changes_of(values, album.owner))
        album = ALBUMS.get(pk=album.pk)
        return self.one(album, **shown(self.requester, [album]))

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        self.requester.member()
        values = self.values
        with transaction.atomic():
            album = access.own_album(self.requester, id, "delete", held=True)
            self.check_version(album, AlbumObject, **shown(self.requester, [album]))
        # Not all in one transaction: a large album would make every other writer wait.
        if values["files"] == "keep":
            dissolving.dissolve(album)
        else:
            deletion.delete_album(album)
        return HttpResponse(status=204)


class Unlock(NativeView):
    """`POST /albums/{id}/unlock`: a password against what opens the album from now on."""

    http_method_names = ["post", "options"]
    scopes = {"post": READ}
    accepts = {"post": requests.Unlocking}
    answers = {"post": (200, ProofObject)}
    shown_once = frozenset({"proof"})

    def post(self, request: Request, id: str) -> HttpResponseBase:
        values = self.values
        album = Album.objects.filter(public_id=id, privacy=Privacy.PASSWORD).first()
        if album is None:
            raise HostingError("not_found.locked_album")
        proof = unlocking.unlock(album, values["password"], self.requester.ip)
        if not self.requester.has_key:
            unlocking.remember(request._request.session, album, proof)
        return self.one({"proof": f"{album.public_id}.{proof}"})


def shown(requester: Requester, found: list[Album]) -> dict[str, Any]:
    """The counts and covers of albums, limited to what `requester` may see, in a few queries for all."""
    own = [album.pk for album in found if owns_album(requester.user, album)]
    visible = HostedFile.objects.alive().filter(
        Q(album__in=own, is_test=requester.caller.is_test) | SHOWN_TO_ALL
    )
    there = visible.filter(album__in=[album.pk for album in found])
    counted = there.order_by().values_list("album").annotate(Count("pk"))
    newest = visible.filter(album=OuterRef("pk")).order_by("-created_at", "-pk").values("pk")[:1]
    rows = Album.objects.filter(pk__in=[album.pk for album in found])
    first = dict(rows.order_by().values_list("pk", Subquery(newest)))
    chosen = {album.pk: album.cover_id for album in found if album.cover_id is not None}
    # A chosen cover that the requester may not see, or that has left the album, gives way to the newest file.
    wanted = {pk for pk in (*first.values(), *chosen.values()) if pk is not None}
    files = {file.pk: file for file in visible.filter(pk__in=wanted).prefetch_related("variants")}
    covers = {}
    for album in found:
        cover = files.get(chosen.get(album.pk) or 0)
        is_in_it = cover is not None and cover.album_id == album.pk
        covers[album.pk] = cover if is_in_it else files.get(first.get(album.pk) or 0)
    return {"counts": dict(counted), "covers": covers}
