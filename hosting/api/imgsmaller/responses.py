"""What ImgSmaller's callers read, as its API page shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from django.utils import timezone
from pydantic import Field
from typing_extensions import TypedDict

from accounts.quotas import Today
from hosting.api.imgsmaller.requests import INPUTS, OUTPUTS
from hosting.delivery.links import absolute
from hosting.models import Job


class Info(TypedDict):
    """What the API can do, and what is left of the account's day."""

    endpoint: str
    remaining_today: Annotated[int, Field(ge=0, description="Compressions left today.")]
    reset_in_seconds: Annotated[int, Field(ge=0, description="Seconds until midnight UTC.")]
    limit: Annotated[int, Field(ge=0, description="Compressions per day.")]
    supported_input: list[str]
    supported_output: list[str]


class Queued(TypedDict):
    """The compression was accepted."""

    queued: Literal[True]
    progress_key: str
    result_url: Annotated[str, Field(description="Poll this until the status is done.")]
    download_url_template: Annotated[str, Field(description="Replace {imageId} with the image_id.")]


class Processing(TypedDict):
    """It waits or runs: ask again."""

    status: Literal["processing"]


class DoneBase(TypedDict):
    """What every finished compression has."""

    status: Literal["done"]
    image_id: int
    download: Annotated[str, Field(description="The picture's URL.")]
    bytes: Annotated[int, Field(ge=0, description="Size of the picture in bytes.")]
    format: str


class Done(DoneBase, total=False):
    """It is finished."""

    target_met: Annotated[
        bool, Field(description="Whether the target size was reached; only if one was given.")
    ]


class Failed(TypedDict):
    """Nothing came of it."""

    status: Literal["failed"]
    message: str


class Polled(NamedTuple):
    """What of a job and of its result a poll's answer is made of."""

    state: str
    number: int
    parameters: dict[str, Any]
    outcome: dict[str, Any]
    error_message: str
    # Of the result, and None where it was deleted.
    size: int
    format: str
    expires_at: datetime | None
    is_approved: bool | None

    @property
    def is_there(self) -> bool:
        """Whether the result of a job that is done still is."""
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return bool(self.is_approved) and not expired


def info(today: Today) -> Info:
    """The answer of `/api/v1/info`."""
    return {
        "endpoint": absolute("/api/v1/compress"),
        "remaining_today": today.remaining,
        "reset_in_seconds": today.seconds,
        "limit": today.limit,
        "supported_input": INPUTS,
        "supported_output": list(OUTPUTS),
    }


def queued(job: Job) -> Queued:
    """The answer of `/api/v1/compress`."""
    return {
        "queued": True,
        "progress_key": job.key,
        "result_url": absolute(f"/result/{job.key}"),
        "download_url_template": absolute("/download/{imageId}"),
    }


def processing() -> Processing:
    """The answer of `/result/{key}` while the work waits or runs."""
    return {"status": "processing"}


def done(job: Polled) -> Done:
    """The answer of `/result/{key}` for a finished picture."""
    answer: Done = {
        "status": "done",
        "image_id": job.number,
        "download": absolute(f"/download/{job.number}"),
        "bytes": job.size,
        "format": "jpg" if job.parameters["output"] == "jpg" else job.format,
    }
    if job.parameters["target"] is not None:
        answer["target_met"] = job.outcome["target_met"]
    return answer


def failed(job: Polled) -> Failed:
    """The answer of `/result/{key}` for a job that nothing came of."""
    message = job.error_message or "The job was cancelled."
    return {"status": "failed", "message": message}
