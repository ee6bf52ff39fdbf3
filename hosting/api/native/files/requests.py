"""Requests about files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from accounts.keys import Caller
from accounts.models import User
from hosting.api.native.albums.requests import album_of
from hosting.api.native.errors import InvalidParameters
from hosting.api.native.fields import MAX_ID, Choice, LongText, PageQuery, Tags, Upload, moment
from hosting.api.native.taxonomy.requests import category_of
from hosting.catalogue.listing import KINDS, ORDERS
from hosting.catalogue.search import QUERY_LENGTH
from hosting.errors import HostingError
from hosting.files import tags
from hosting.files.editing import Changes
from hosting.files.options import UploadOptions
from hosting.models import Privacy
from hosting.models.file import DESCRIPTION_LENGTH, TITLE_LENGTH
from hosting.sources.source import Source, from_base64, from_upload, from_url
from processing import Limits

MOST_AT_ONCE = 500


MOST_TAGS_ASKED = 5


# A file cannot have a password; an album that contains it can.
FILE_PRIVACIES = [name for name in Privacy.values if name != Privacy.PASSWORD]


class FileChanges(serializers.Serializer):
    """`PATCH /files/{id}`: what is not named stays."""

    title = serializers.CharField(required=False, allow_blank=True, max_length=TITLE_LENGTH)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=DESCRIPTION_LENGTH
    )
    tags = Tags(required=False)
    album = serializers.CharField(required=False, allow_null=True, max_length=MAX_ID)
    category = serializers.CharField(
        required=False, allow_null=True, max_length=32, help_text="The category's id or url_key."
    )
    nsfw = serializers.BooleanField(required=False)
    privacy = Choice(FILE_PRIVACIES, required=False)
    expires_at = moment()


class Sent(serializers.Serializer):
    """The three ways in which bytes come; exactly one is used."""

    file = Upload(required=False)
    url = serializers.CharField(required=False, max_length=4096)
    base64 = LongText(required=False)


class NewFile(Sent, FileChanges):
    """`POST /files`."""

    width = serializers.IntegerField(required=False, min_value=1, max_value=65_500)
    allow_duplicate = serializers.BooleanField(default=False)


class Rotation(serializers.Serializer):
    """`POST /files/{id}/rotate`: clockwise."""

    angle = Choice([90, 180, 270])


class Bulk(serializers.Serializer):
    """`POST /files/bulk`: the same changes to many files, or their deletion."""

    ids = serializers.ListField(
        child=serializers.CharField(max_length=MAX_ID), min_length=1, max_length=MOST_AT_ONCE
    )
    changes = FileChanges(required=False)
    delete = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["delete"] == ("changes" in attrs):
            raise serializers.ValidationError({"changes": "Give changes, or delete as true."})
        return attrs


class FileQuery(PageQuery):
    """`GET /files`. scope: one's own files, or what everybody may see; own where there is an account."""

    scope = Choice(["own", "public"], required=False)
    q = serializers.CharField(
        required=False, max_length=QUERY_LENGTH, help_text="Words, or the beginnings of words."
    )
    album = serializers.CharField(required=False, max_length=MAX_ID)
    tag = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, max_length=MOST_TAGS_ASKED
    )
    category = serializers.CharField(required=False, max_length=32)
    kind = Choice(list(KINDS), default="all")
    nsfw = serializers.BooleanField(required=False)
    sort = Choice(list(ORDERS), default="recent")


def changes_of(given: Mapping[str, Any], owner: User | None) -> Changes:
    """The changes to a file of `owner`. Raises HostingError."""
    changes = dict(given)
    if "tags" in changes:
        changes["tags"] = tuple(changes["tags"])
    if changes.get("album") is not None:
        changes["album"] = album_of(owner, changes["album"], "album")
    if changes.get("category") is not None:
        changes["category"] = category_of(changes["category"])
    return Changes(**changes)


def upload_options_of(values: Mapping[str, Any], caller: Caller, ip: str | None) -> UploadOptions:
    """The options of a new file. Raises HostingError."""
    expires_at = values.get("expires_at")
    left = expires_at - timezone.now() if expires_at else None
    if left is not None and left.total_seconds() <= 0:
        raise HostingError("invalid_expires_at")
    privacy = values.get("privacy", Privacy.PUBLIC)
    if caller.is_guest and privacy == Privacy.PRIVATE:
        raise HostingError("invalid_privacy.guest")
    category, album = values.get("category"), values.get("album")
    return UploadOptions(
        title=values.get("title", ""),
        description=values.get("description", ""),
        tags=tags.clean(values.get("tags", ())),
        album=album_of(caller.user, album, "album") if album is not None else None,
        category=category_of(category) if category is not None else None,
        nsfw=values.get("nsfw", False),
        width=values.get("width"),
        expires_in=left,
        privacy=privacy,
        allow_duplicate=values["allow_duplicate"],
        ip=ip,
    )


def source_of(values: Mapping[str, Any], caller: Caller, limits: Limits) -> Source:
    """The bytes that were sent. Raises HostingError or FetchError."""
    ways = [name for name in ("file", "url", "base64") if name in values]
    if len(ways) != 1:
        raise InvalidParameters([("file", "Send exactly one of file, url and base64.")])
    if part := values.get("file"):
        return from_upload(part.file, part.filename or "")
    if text := values.get("base64"):
        return from_base64(text.file, max_bytes=limits.bytes, urlencoded=text.urlencoded)
    if caller.is_guest and not caller.guest_access.url_uploads:
        raise HostingError("url_uploads_disabled", param="url")
    return from_url(values["url"], max_bytes=limits.bytes)
