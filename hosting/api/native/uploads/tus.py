"""The words of tus 1.0, the protocol of resumable uploads (https://tus.io/protocols/resumable-upload).

What belongs here: its headers, and how an upload is described to clients that do not use the protocol.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.utils.http import http_date
from rest_framework import serializers

from hosting.api.native.files.requests import FileChanges
from hosting.api.native.files.responses import CreatedFile
from hosting.api.native.payload import parse
from hosting.delivery import links
from hosting.errors import HostingError
from hosting.files import resumable
from hosting.models import PartialUpload

# mypy: disable-error-code="no-untyped-call"

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
MEDIA_TYPE = "application/offset+octet-stream"
# What scripts of other sites may send and read of it.
SENT = "Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, X-HTTP-Method-Override, X-Requested-With"
READ = (
    "Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Upload-Length, Upload-Offset, "
    "Upload-Metadata, Upload-Expires, Content-Location"
)
METADATA_LENGTH = 32 * 1024
LARGEST = 2**62


class FileMetadata(FileChanges):
    """What Upload-Metadata may say of the file, beside its name; other keys are the client's own."""

    width = serializers.IntegerField(required=False, min_value=1, max_value=65_500)
    allow_duplicate = serializers.BooleanField(default=False)


class UploadObject(serializers.Serializer):
    """A resumable upload. file: what it became; delete_url is null where the file was there before."""

    id = serializers.CharField(source="public_id")
    length = serializers.IntegerField(help_text="Size of the whole file in bytes.")
    offset = serializers.IntegerField(help_text="Number of bytes stored so far.")
    is_duplicate = serializers.BooleanField()
    expires_at = serializers.DateTimeField(default_timezone=UTC)
    file = serializers.SerializerMethodField()

    def get_file(self, upload: PartialUpload) -> dict[str, Any] | None:
        if upload.file is None:
            return None
        token = resumable.delete_token(upload)
        created = dict(CreatedFile(upload.file, context={"delete_token": token}).data)
        return {**created, "delete_url": None} if upload.is_duplicate else created


def number(headers: Mapping[str, str], name: str) -> int:
    """The header's whole number. Raises HostingError."""
    text = headers.get(name, "").strip()
    # Python itself refuses to read thousands of digits.
    if not (text.isascii() and text.isdigit() and len(text) <= 20) or int(text) > LARGEST:
        raise HostingError("invalid_header", param=name, name=name)
    return int(text)


def metadata(header: str) -> dict[str, str]:
    """The pairs of an Upload-Metadata header: names, and base64 of texts. Raises HostingError."""
    if len(header) > METADATA_LENGTH:
        raise HostingError("invalid_header.long")
    found: dict[str, str] = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        if not key:
            continue
        try:
            text = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise HostingError("invalid_header.base64", key=key) from error
        # Repeated in the headers of HEAD, which are ASCII.
        if not key.isascii():
            raise HostingError("invalid_header.names")
        if key in found:
            raise HostingError("invalid_header.twice", key=key)
        found[key] = text.replace("\0", "")
    return found


def header_of(values: Mapping[str, str]) -> str:
    """The Upload-Metadata header of these pairs."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}".strip()
        for key, value in values.items()
    )


def file_metadata(values: Mapping[str, str]) -> dict[str, Any]:
    """What the pairs say of the file. Raises InvalidParameters."""
    fields = FileMetadata().fields
    return parse(
        FileMetadata, {name: values[name] for name in values if name in fields and values[name]}
    )


def headers_of(upload: PartialUpload) -> dict[str, str]:
    """What every answer says of an upload."""
    headers = {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }
    if upload.file is not None:
        headers["Content-Location"] = links.absolute(f"/api/v2/files/{upload.file.public_id}")
    return headers
