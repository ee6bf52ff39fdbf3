"""What Imghippo's callers read, as its API page shows it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from hosting.models import HostedFile
from hosting.serving import url_of

Answer = dict[str, Any]


def uploaded(file: HostedFile) -> Answer:
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


def deleted(url: str) -> Answer:
    """The answer of `/v1/delete`."""
    return {
        "success": True,
        "status": 200,
        "message": "File deleted successfully",
        "deleted_url": url,
    }


def batch(items: list[Answer]) -> Answer:
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
) -> Answer:
    """One file of a batch that was processed; what was saved is told where the page tells it."""
    answer = {
        "status": "success",
        "index": index,
        "original_name": name,
        "output_url": url_of(file),
        "original_size": original_size,
        "output_size": file.size,
    }
    if saved:
        answer["saved_percent"] = round(100 * (1 - file.size / original_size), 1)
    return answer | {"format": file.file_format.extension}


def failed(index: int, name: str, reason: str) -> Answer:
    """One file of a batch that could not be processed."""
    return {"status": "failed", "index": index, "original_name": name, "error": reason}
