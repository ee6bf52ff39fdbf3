"""Requests about albums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.models import User
from hosting.albums.editing import NAME_LENGTH
from hosting.albums.editing import AlbumChanges as AlbumValues
from hosting.api.native.fields import MAX_ID, Choice, PageQuery
from hosting.errors import HostingError
from hosting.models import Album, HostedFile, Privacy
from hosting.models.file import DESCRIPTION_LENGTH

TOP = "none"


class AlbumQuery(PageQuery):
    """`GET /albums`. parent: an album's id, or `none` for those that lie in no other."""

    scope = Choice(["own", "public"], required=False)
    parent = serializers.CharField(required=False, max_length=MAX_ID)  # type: ignore[assignment]
    sort = Choice(["recent", "updated"], default="recent")


class AlbumChanges(serializers.Serializer):
    """`POST /albums` and `PATCH /albums/{id}`. cover: the id of a file that lies in it."""

    name = serializers.CharField(required=False, max_length=NAME_LENGTH)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=DESCRIPTION_LENGTH
    )
    privacy = Choice(Privacy.values, required=False)
    password = serializers.CharField(
        required=False, write_only=True, max_length=128, trim_whitespace=False
    )
    parent = serializers.CharField(required=False, allow_null=True, max_length=MAX_ID)  # type: ignore[assignment]
    cover = serializers.CharField(required=False, allow_null=True, max_length=MAX_ID)


class NewAlbum(AlbumChanges):
    """`POST /albums`."""

    name = serializers.CharField(max_length=NAME_LENGTH)


class AlbumRemoval(serializers.Serializer):
    """`DELETE /albums/{id}`: what becomes of its files."""

    files = Choice(["keep", "delete"], default="keep")


class Unlocking(serializers.Serializer):
    """`POST /albums/{id}/unlock`."""

    password = serializers.CharField(max_length=128, trim_whitespace=False)


def album_changes_of(given: Mapping[str, Any], owner: User) -> AlbumValues:
    """The changes to an album of `owner`. Raises HostingError."""
    changes = dict(given)
    if changes.get("parent") is not None:
        changes["parent"] = album_of(owner, changes["parent"], "parent")
    if changes.get("cover") is not None:
        covers = HostedFile.objects.filter(owner=owner, public_id=changes["cover"])
        changes["cover"] = covers.first()
        if changes["cover"] is None:
            raise HostingError("unknown_file", param="cover")
    return AlbumValues(**changes)


def album_of(owner: User | None, id: str, param: str) -> Album:
    """The owner's album with this id. Raises HostingError."""
    album = Album.objects.filter(owner=owner, public_id=id).first() if owner else None
    if album is None:
        raise HostingError("unknown_album", param=param)
    return album
