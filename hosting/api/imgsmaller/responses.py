"""What ImgSmaller's callers read, as its API page shows it."""

from __future__ import annotations

from typing import Any

from accounts.quotas import Today
from hosting.api.imgsmaller.requests import INPUTS, OUTPUTS
from hosting.models import Job
from hosting.serving import absolute

Answer = dict[str, Any]


def info(today: Today) -> Answer:
    """The answer of `/api/v1/info`."""
    return {
        "endpoint": absolute("/api/v1/compress"),
        "remaining_today": today.remaining,
        "reset_in_seconds": today.seconds,
        "limit": today.limit,
        "supported_input": INPUTS,
        "supported_output": list(OUTPUTS),
    }


def queued(job: Job) -> Answer:
    """The answer of `/api/v1/compress`."""
    return {
        "queued": True,
        "progress_key": job.key,
        "result_url": absolute(f"/result/{job.key}"),
        "download_url_template": absolute("/download/{imageId}"),
    }


def processing() -> Answer:
    """The answer of `/result/{key}` while the work waits or runs."""
    return {"status": "processing"}


def done(job: Job, size: int, format: str) -> Answer:
    """The answer of `/result/{key}` for a finished picture of `size` bytes."""
    answer = {
        "status": "done",
        "image_id": job.number,
        "download": absolute(f"/download/{job.number}"),
        "bytes": size,
        "format": "jpg" if job.parameters["output"] == "jpg" else format,
    }
    if job.parameters["target"] is not None:
        answer["target_met"] = job.outcome["target_met"]
    return answer


def failed(job: Job) -> Answer:
    """The answer of `/result/{key}` for a job that nothing came of."""
    message = job.error_message or "The job was cancelled."
    return {"status": "failed", "message": message}
