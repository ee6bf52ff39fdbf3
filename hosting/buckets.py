"""The storage in an S3-compatible bucket: as django-storages has it, and how long copies may be kept."""

from __future__ import annotations

from typing import Any

from storages.backends.s3 import S3Storage

from hosting.conditional import OPEN, PRIVATE
from hosting.storage import PUBLIC


class Bucket(S3Storage):
    """A bucket whose public area may be kept by any cache, and whose guarded one by none."""

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """The headers that an object is stored with."""
        lasting = OPEN if name.startswith(f"{PUBLIC}/") else PRIVATE
        return {**super().get_object_parameters(name), "CacheControl": lasting}
