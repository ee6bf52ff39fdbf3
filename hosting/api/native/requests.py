"""What callers of this API send: one serializer a request, and what the domain makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from io import BytesIO
from typing import Any

from django.db.models import Q
from django.utils import timezone
from rest_framework import serializers

from accounts.keys import Caller, guest_access
from accounts.models import ApiKey, User
from hosting.albums.editing import NAME_LENGTH
from hosting.albums.editing import AlbumChanges as AlbumValues
from hosting.api.body import Value
from hosting.api.native.errors import InvalidParameters
from hosting.catalogue.listing import KINDS, ORDERS
from hosting.catalogue.search import QUERY_LENGTH
from hosting.errors import HostingError
from hosting.files import tags
from hosting.files.editing import Changes
from hosting.files.options import UploadOptions
from hosting.models import Album, Category, HostedFile, Privacy, Webhook
from hosting.models.file import DESCRIPTION_LENGTH, TITLE_LENGTH
from hosting.models.webhook import URL_LENGTH
from hosting.sources.source import Source, from_base64, from_upload, from_url
from processing import FORMATS, Limits

# mypy: disable-error-code="no-untyped-call"

MOST_AT_ONCE = 500
MOST_TAGS_ASKED = 5
TOP = "none"
# A file cannot have a password of its own; it lies in an album that has one.
FILE_PRIVACIES = [name for name in Privacy.values if name != Privacy.PASSWORD]
WRITTEN = ["auto", *(name for name, format in FORMATS.items() if format.saves)]
MAX_ID = 24


class Upload(serializers.Field):
    """A file part of a form."""

    takes_values = True
    default_error_messages = {"invalid": "Send it as a file part of multipart/form-data."}

    def to_internal_value(self, data: Any) -> Value:
        if not isinstance(data, Value) or not data.is_file:
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class LongText(serializers.Field):
    """A text that may have many megabytes, as a file."""

    takes_values = True
    default_error_messages = {"invalid": "Not a valid string."}

    def to_internal_value(self, data: Any) -> Value:
        match data:
            case Value():
                return data
            case str():
                return Value(BytesIO(data.encode("utf-8", "replace")))
        self.fail("invalid")
        raise AssertionError

    def to_representation(self, value: Any) -> Any:
        return value


class Choice(serializers.ChoiceField):
    """One of some words, which the refusal names."""

    def __init__(self, choices: Sequence[Any], **options: Any) -> None:
        told = f'"{{input}}" is none of {", ".join(map(str, choices))}.'
        super().__init__(choices, error_messages={"invalid_choice": told}, **options)


class Tags(serializers.ListField):
    """Words as a list, or parted by commas."""

    child = serializers.CharField(allow_blank=True, max_length=2000)

    def to_internal_value(self, data: Any) -> list[str]:
        texts = super().to_internal_value([data] if isinstance(data, str) else data)
        return [word for text in texts for word in text.split(",")]


def _moment() -> serializers.DateTimeField:
    return serializers.DateTimeField(required=False, allow_null=True, default_timezone=UTC)


class FileChanges(serializers.Serializer):
    """`PATCH /files/{id}`: what is not named stays."""

    title = serializers.CharField(required=False, allow_blank=True, max_length=TITLE_LENGTH)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=DESCRIPTION_LENGTH
    )
    tags = Tags(required=False)
    album = serializers.CharField(required=False, allow_null=True, max_length=MAX_ID)
    category = serializers.CharField(
        required=False, allow_null=True, max_length=32, help_text="Its id or its url_key."
    )
    nsfw = serializers.BooleanField(required=False)
    privacy = Choice(FILE_PRIVACIES, required=False)
    expires_at = _moment()


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


class PageQuery(serializers.Serializer):
    """What every list takes."""

    cursor = serializers.CharField(required=False, max_length=300)
    size = serializers.IntegerField(default=30, min_value=1, max_value=100)


class FileQuery(PageQuery):
    """`GET /files`. scope: one's own files, or what everybody may see; own where there is an account."""

    scope = Choice(["own", "public"], required=False)
    q = serializers.CharField(
        required=False, max_length=QUERY_LENGTH, help_text="Words, or how words begin."
    )
    album = serializers.CharField(required=False, max_length=MAX_ID)
    tag = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, max_length=MOST_TAGS_ASKED
    )
    category = serializers.CharField(required=False, max_length=32)
    kind = Choice(list(KINDS), default="all")
    nsfw = serializers.BooleanField(required=False)
    sort = Choice(list(ORDERS), default="recent")


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


class TagQuery(PageQuery):
    """`GET /tags`. q: how the names begin."""

    q = serializers.CharField(required=False, max_length=32)


class JobOutput(serializers.Serializer):
    """What a result is written as; without a format as its source was. animated: all frames are kept."""

    format = Choice(WRITTEN, required=False, allow_null=True)
    quality = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100)
    animated = serializers.BooleanField(default=True)


class NewJob(Sent):
    """`POST /jobs`. source: the id of one's own file, instead of sending one."""

    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=MAX_ID
    )
    pipeline = serializers.ListField(
        child=serializers.DictField(), required=False, default=list, max_length=20
    )
    output = JobOutput(required=False)
    title = serializers.CharField(required=False, allow_blank=True, max_length=TITLE_LENGTH)
    privacy = Choice(FILE_PRIVACIES, default=Privacy.PRIVATE)


class NewKey(serializers.Serializer):
    """`POST /account/keys`."""

    name = serializers.CharField(max_length=ApiKey.NAME_LENGTH)
    kind = Choice(ApiKey.Kind.values, default=ApiKey.Kind.LIVE)


class WebhookChanges(serializers.Serializer):
    """`PATCH /webhooks/{id}`."""

    url = serializers.CharField(required=False, max_length=URL_LENGTH)
    events = serializers.ListField(
        child=Choice(Webhook.Event.values), required=False, min_length=1, max_length=20
    )  # fmt: skip
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    enabled = serializers.BooleanField(required=False)


class NewWebhook(serializers.Serializer):
    """`POST /webhooks`."""

    url = serializers.CharField(max_length=URL_LENGTH)
    events = serializers.ListField(child=Choice(Webhook.Event.values), min_length=1, max_length=20)
    description = serializers.CharField(default="", allow_blank=True, max_length=200)


class Nothing(serializers.Serializer):
    """A request that says nothing but its address."""


def changes_of(told: Mapping[str, Any], owner: User | None) -> Changes:
    """What a file of `owner` is to become. Raises HostingError."""
    values = dict(told)
    if "tags" in values:
        values["tags"] = tuple(values["tags"])
    if values.get("album") is not None:
        values["album"] = album_of(owner, values["album"], "album")
    if values.get("category") is not None:
        values["category"] = category_of(values["category"])
    return Changes(**values)


def album_changes_of(told: Mapping[str, Any], owner: User) -> AlbumValues:
    """What an album of `owner` is to become. Raises HostingError."""
    values = dict(told)
    if values.get("parent") is not None:
        values["parent"] = album_of(owner, values["parent"], "parent")
    if values.get("cover") is not None:
        covers = HostedFile.objects.filter(owner=owner, public_id=values["cover"])
        values["cover"] = covers.first()
        if values["cover"] is None:
            raise HostingError("unknown_file", "There is no file of yours with this id.", "cover")
    return AlbumValues(**values)


def album_of(owner: User | None, id: str, param: str) -> Album:
    """The owner's album of this id. Raises HostingError."""
    album = Album.objects.filter(owner=owner, public_id=id).first() if owner else None
    if album is None:
        raise HostingError("unknown_album", "There is no album of yours with this id.", param)
    return album


def category_of(name: str) -> Category:
    """The category of this id or url_key; a key of digits goes before an id. Raises HostingError."""
    named = Q(url_key=name)
    if name.isascii() and name.isdigit() and len(name) < 19:
        named |= Q(pk=int(name))
    found = sorted(Category.objects.filter(named), key=lambda one: one.url_key != name)
    if not found:
        raise HostingError("unknown_category", "There is no such category.", "category")
    return found[0]


def upload_options_of(told: Mapping[str, Any], caller: Caller, ip: str | None) -> UploadOptions:
    """What is said of a new file. Raises HostingError."""
    expires_at = told.get("expires_at")
    left = expires_at - timezone.now() if expires_at else None
    if left is not None and left.total_seconds() <= 0:
        raise HostingError("invalid_expires_at", "expires_at must lie in the future.", "expires_at")
    privacy = told.get("privacy", Privacy.PUBLIC)
    if caller.is_guest and privacy == Privacy.PRIVATE:
        raise HostingError("invalid_privacy", "A guest's file is public or unlisted.", "privacy")
    category, album = told.get("category"), told.get("album")
    return UploadOptions(
        title=told.get("title", ""),
        description=told.get("description", ""),
        tags=tags.clean(told.get("tags", ())),
        album=album_of(caller.user, album, "album") if album is not None else None,
        category=category_of(category) if category is not None else None,
        nsfw=told.get("nsfw", False),
        width=told.get("width"),
        expires_in=left,
        privacy=privacy,
        allow_duplicate=told["allow_duplicate"],
        ip=ip,
    )


def source_of(told: Mapping[str, Any], caller: Caller, limits: Limits) -> Source:
    """The bytes that were sent. Raises HostingError or FetchError."""
    ways = [name for name in ("file", "url", "base64") if name in told]
    if len(ways) != 1:
        raise InvalidParameters([("file", "Send exactly one of file, url and base64.")])
    if part := told.get("file"):
        return from_upload(part.file, part.filename or "")
    if text := told.get("base64"):
        return from_base64(text.file, max_bytes=limits.bytes, urlencoded=text.urlencoded)
    if caller.is_guest and not guest_access().url_uploads:
        raise HostingError("url_uploads_disabled", "URL uploading is disabled", "url")
    return from_url(told["url"], max_bytes=limits.bytes)
