"""Files as JSON."""

from __future__ import annotations

from rest_framework import serializers

from hosting.api.native.presenting import album_id, moment, variant_url
from hosting.delivery import access as delivery_access
from hosting.delivery import links
from hosting.files.variants import MEDIUM, THUMB
from hosting.models import HostedFile, Privacy


class FileObject(serializers.Serializer):
    """A file."""

    # What other people's looks change: it is not part of an ETag.
    COUNTERS = frozenset({"views", "likes"})

    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    description = serializers.CharField()
    tags = serializers.SerializerMethodField()
    album = serializers.SerializerMethodField()
    category = serializers.CharField(source="category.url_key", default=None, allow_null=True)
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    nsfw = serializers.BooleanField()
    privacy = serializers.ChoiceField(Privacy.values)
    expires_at = moment(allow_null=True)
    kind = serializers.ChoiceField(HostedFile.Kind.values)
    format = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    frames = serializers.IntegerField()
    duration = serializers.FloatField(help_text="Seconds; 0 for still pictures.")
    size = serializers.IntegerField(help_text="Bytes.")
    original_filename = serializers.SerializerMethodField(
        help_text="Shown only to the owner; null for others."
    )
    url = serializers.SerializerMethodField()
    viewer_url = serializers.SerializerMethodField()
    thumb_url = serializers.SerializerMethodField()
    medium_url = serializers.SerializerMethodField()
    views = serializers.IntegerField()
    likes = serializers.IntegerField()
    created_at = moment()

    def get_album(self, file: HostedFile) -> str | None:
        return album_id(self.context, file.album)

    def get_original_filename(self, file: HostedFile) -> str | None:
        # Private, as on the pages: the name on a person's disk is nobody else's business.
        requester = self.context.get("requester")
        return (
            file.original_filename
            if requester is None or delivery_access.owns(requester.user, file)
            else None
        )

    def get_tags(self, file: HostedFile) -> list[str]:
        return sorted(tag.name for tag in file.tags.all())

    def get_url(self, file: HostedFile) -> str:
        return links.url_of(file)

    def get_viewer_url(self, file: HostedFile) -> str:
        return links.absolute(file.viewer_path)

    def get_thumb_url(self, file: HostedFile) -> str | None:
        return variant_url(file, THUMB)

    def get_medium_url(self, file: HostedFile) -> str | None:
        return variant_url(file, MEDIUM)


class CreatedFile(FileObject):
    """An uploaded file: `delete_url` is shown only once, and is null in a replay."""

    delete_url = serializers.SerializerMethodField()

    def get_original_filename(self, file: HostedFile) -> str | None:
        # The uploader, even a guest, chose the name.
        return file.original_filename

    def get_delete_url(self, file: HostedFile) -> str | None:
        return links.absolute(f"{file.short_path}/delete/{self.context['delete_token']}")


class BulkError(serializers.Serializer):
    """Why one of many was left as it is."""

    code = serializers.CharField()
    message = serializers.CharField()


class BulkResult(serializers.Serializer):
    """What became of one of many: its status as if it had been asked alone."""

    id = serializers.CharField()
    status = serializers.IntegerField()
    error = BulkError(allow_null=True)


class LikeObject(serializers.Serializer):
    """Whether the member likes the file now, and how many do."""

    liked = serializers.BooleanField()
    likes = serializers.IntegerField()
