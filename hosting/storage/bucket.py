"""The storage in an S3-compatible bucket: as django-storages has it, and how long copies may be kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage

from hosting.http_caching import OPEN, PRIVATE
from hosting.storage.objects import PUBLIC


class Bucket(S3Storage):
    """A bucket whose public area may be kept by any cache, and whose guarded one by none."""

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """The headers that an object is stored with."""
        lasting = OPEN if name.startswith(f"{PUBLIC}/") else PRIVATE
        return {**super().get_object_parameters(name), "CacheControl": lasting}

    def move(self, source: str, target: str) -> None:
        """Give the object another name, with the headers that belong there; nothing there is fine.

        Copied inside the bucket, whole or not at all, and only then deleted: two who do so at once agree.
        """
        try:
            self.bucket.Object(target).copy_from(
                CopySource={"Bucket": self.bucket_name, "Key": source},
                MetadataDirective="REPLACE",
                **self._get_write_parameters(target),
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            return
        self.delete(source)

    def overwrite(self, name: str, content: bytes) -> None:
        """Store `content` under exactly this name, whatever lies there; whole or not at all."""
        # The step of save() behind the look for a name that is free.
        self._save(name, ContentFile(content))

    def names(self, prefix: str) -> Iterator[str]:
        """The names of all objects that begin with `prefix`, a page of the bucket's at a time."""
        yield from (found.key for found in self.bucket.objects.filter(Prefix=prefix))
