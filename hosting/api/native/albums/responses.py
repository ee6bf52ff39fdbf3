"""Albums as JSON."""

from __future__ import annotations

from rest_framework import serializers

from hosting.api.native.presenting import album_id, moment, variant_url
from hosting.delivery import links
from hosting.files.variants import THUMB
from hosting.models import Album, Privacy


class AlbumObject(serializers.Serializer):
    """An album; count and cover are of what the requester may see."""

    COUNTERS = frozenset({"count", "cover_url"})

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    description = serializers.CharField()
    privacy = serializers.ChoiceField(Privacy.values)
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    owner = serializers.CharField(source="owner.username")
    cover = serializers.SerializerMethodField()
    cover_url = serializers.SerializerMethodField()
    count = serializers.SerializerMethodField()
    viewer_url = serializers.SerializerMethodField()
    created_at = moment()
    updated_at = moment()

    def get_parent(self, album: Album) -> str | None:
        return album_id(self.context, album.parent)

    def get_cover(self, album: Album) -> str | None:
        file = self.context["covers"].get(album.pk)
        return file.public_id if file and file.pk == album.cover_id else None

    def get_cover_url(self, album: Album) -> str | None:
        file = self.context["covers"].get(album.pk)
        return (variant_url(file, THUMB) or links.url_of(file)) if file else None

    def get_count(self, album: Album) -> int:
        return int(self.context["counts"].get(album.pk, 0))

    def get_viewer_url(self, album: Album) -> str:
        return links.absolute(album.viewer_path)


class ProofObject(serializers.Serializer):
    """What opens an album from now on, as the header `X-Album-Proof`."""

    proof = serializers.CharField()
