"""What callers of this API read: one serializer an object."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from rest_framework import serializers

from hosting.api.native import access
from hosting.delivery import links
from hosting.models import Album, HostedFile, Variant

# mypy: disable-error-code="no-untyped-call"


def moment(**options: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(default_timezone=UTC, **options)


def variant_url(file: HostedFile, name: str) -> str | None:
    found: Variant | None = next((v for v in file.variants.all() if v.name == name), None)
    return links.url_of(found) if found else None


def album_id(context: Mapping[str, Any], album: Album | None) -> str | None:
    """The album's id if the requester may know it; with no `requester`, for the owner, who named it."""
    requester = context.get("requester")
    if album is None or requester is None or album.public_id == context.get("named"):
        return album.public_id if album else None
    return album.public_id if access.knows_album(requester, album) else None
