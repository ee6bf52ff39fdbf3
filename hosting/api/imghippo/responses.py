"""What Imghippo's callers read, as its API page shows it."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from hosting.delivery.links import url_of
from hosting.models import HostedFile

Count = Annotated[int, Field(ge=0)]


class UploadedFile(TypedDict):
    """What was uploaded."""

    title: str
    url: Annotated[str, Field(description="The direct link.")]
    view_url: Annotated[str, Field(description="Also the direct link.")]
    extension: str
    size: Annotated[int, Field(description="Bytes.")]
    created_at: Annotated[str, Field(description="ISO 8601, UTC, with milliseconds.")]


class Uploaded(TypedDict):
    """The answer of `/v1/upload`."""

    success: Literal[True]
    status: Literal[200]
    message: str
    data: UploadedFile


class Deleted(TypedDict):
    """The answer of `/v1/delete`."""

    success: Literal[True]
    status: Literal[200]
    message: str
    deleted_url: str


class Summary(TypedDict):
    """How many files of a batch were processed."""

    total: Count
    succeeded: Count
    failed: Count


class SucceededBase(TypedDict):
    """What every processed file has."""

    status: Literal["success"]
    index: Annotated[int, Field(ge=0, description="Its position among the uploaded files.")]
    original_name: str
    output_url: Annotated[str, Field(description="Where to download the result.")]
    original_size: Annotated[int, Field(description="Size of the upload in bytes.")]
    output_size: Annotated[int, Field(description="Size of the result in bytes.")]
    format: Annotated[str, Field(description="The result's extension.")]


class Succeeded(SucceededBase, total=False):
    """One file that was processed."""

    saved_percent: Annotated[
        float,
        Field(
            description="The saving in per cent; negative if the result is larger, like a PNG of a photo. "
            "Omitted for removed backgrounds."
        ),
    ]


class Failed(TypedDict):
    """One file that could not be processed."""

    status: Literal["failed"]
    index: Annotated[int, Field(ge=0, description="Its position among the uploaded files.")]
    original_name: str
    error: str


Item = Succeeded | Failed


class Batch(TypedDict):
    """The answer of every processing endpoint."""

    success: Literal[True]
    status: Literal[200]
    message: str
    summary: Summary
    data: list[Item]


def uploaded(file: HostedFile) -> Uploaded:
    """The answer of `/v1/upload`."""
    created = file.created_at.astimezone(UTC)
    return {
        "success": True,
        "status": 200,
        "message": "Uploaded successfully",
        "data": {
            "title": file.title,
            "url": url_of(file),
            # The page shows the direct link in both, and callers put either into an <img>.
            "view_url": url_of(file),
            "extension": file.file_format.extension,
            "size": file.size,
            "created_at": f"{created:%Y-%m-%dT%H:%M:%S}.{created.microsecond // 1000:03d}Z",
        },
    }


def deleted(url: str) -> Deleted:
    """The answer of `/v1/delete`."""
    return {
        "success": True,
        "status": 200,
        "message": "File deleted successfully",
        "deleted_url": url,
    }


def batch(items: list[Item]) -> Batch:
    """The answer of every processing endpoint."""
    done = sum(item["status"] == "success" for item in items)
    return {
        "success": True,
        "status": 200,
        "message": "Processing complete",
        "summary": {"total": len(items), "succeeded": done, "failed": len(items) - done},
        "data": items,
    }


def succeeded(
    index: int, name: str, original_size: int, file: HostedFile, *, saved: bool = True
) -> Succeeded:
    """One processed file of a batch; the bytes saved are included where the vendor's page has them."""
    values: Succeeded = {
        "status": "success",
        "index": index,
        "original_name": name,
        "output_url": url_of(file),
        "original_size": original_size,
        "output_size": file.size,
        "saved_percent": round(100 * (1 - file.size / original_size), 1),
        "format": file.file_format.extension,
    }
    if not saved:
        del values["saved_percent"]
    return values


def failed(index: int, name: str, reason: str) -> Failed:
    """One file of a batch that could not be processed."""
    return {"status": "failed", "index": index, "original_name": name, "error": reason}
