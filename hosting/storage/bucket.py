"""The storage in an S3-compatible bucket: as django-storages has it, and how long copies may be kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage

from hosting.http_caching import OPEN, PRIVATE
from hosting.storage.objects import GUARDED, PUBLIC


class Bucket(S3Storage):
    """A bucket whose public area any cache may keep, and whose guarded one none may."""

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """The headers that an object is stored with."""
        lasting = OPEN if name.startswith(f"{PUBLIC}/") else PRIVATE
        return {**super().get_object_parameters(name), "CacheControl": lasting}

    def move(self, source: str, target: str) -> None:
        """Rename the object, with the headers for its new place; it need not exist.

        Copied inside the bucket, completely or not at all, and only then deleted: concurrent moves are safe.
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
        """Store `content` under exactly this name, replacing what is there; completely or not at all."""
        # The step of save() after its search for a free name.
        self._save(name, ContentFile(content))

    def names(self, prefix: str) -> Iterator[str]:
        """The names of all objects that begin with `prefix`, a page of the bucket's at a time."""
        yield from (found.key for found in self.bucket.objects.filter(Prefix=prefix))

    def problem(self, public_url: str, patience: float) -> str:
        """What prevents the site from using the bucket; empty where nothing does.

        Writes, reads and deletes a test object in each area, and requests them without a key: the public one
        must be available at `public_url` (empty: no visitor is sent there), the guarded one nowhere. Each step
        takes at most `patience` seconds.
        """
        config = Config(
            connect_timeout=patience, read_timeout=patience, retries={"total_max_attempts": 1}
        )
        client = self._create_session().client(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            config=self.client_config.merge(config),
        )
        name = f"ready/{secrets.token_hex(16)}"
        keys = [f"{area}/{name}" for area in (PUBLIC, GUARDED)]
        try:
            client.head_bucket(Bucket=self.bucket_name)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            is_missing = status == 404
            return f"S3_BUCKET {'does not exist' if is_missing else f'is refused ({status})'}."
        except BotoCoreError:
            return "S3_ENDPOINT does not answer."
        try:
            for key in keys:
                client.put_object(Bucket=self.bucket_name, Key=key, Body=b"ready")
                client.get_object(Bucket=self.bucket_name, Key=key)["Body"].read()
            return self._policy_problem(client, public_url, name, patience)
        except (ClientError, BotoCoreError) as error:
            what = getattr(error, "operation_name", type(error).__name__)
            return f"S3_ACCESS_KEY may not write, read and delete in the bucket ({what})."
        finally:
            for key in keys:
                with suppress(ClientError, BotoCoreError):
                    client.delete_object(Bucket=self.bucket_name, Key=key)

    def _policy_problem(self, client: Any, public_url: str, name: str, patience: float) -> str:
        """What the bucket's policy wrongly exposes or withholds."""
        signed = client.generate_presigned_url(
            "get_object", {"Bucket": self.bucket_name, "Key": f"{GUARDED}/{name}"}
        )
        if _status(signed.partition("?")[0], patience) == 200:
            return "The bucket gives guarded/ to anybody: its policy must open public/ alone."
        if public_url and (status := _status(f"{public_url}/{name}", patience)) != 200:
            return (
                f"Nobody can fetch public files from FILES_URL ({status or 'no answer'}): "
                "the bucket's policy must open public/."
            )
        return ""


def _status(url: str, patience: float) -> int:
    """The status of an anonymous request for `url`; 0 where there is no answer."""
    try:
        with urllib3.PoolManager(retries=False, timeout=patience) as http:
            return int(http.request("GET", url, redirect=False).status)
    except urllib3.exceptions.HTTPError:
        return 0
