"""Recording events for webhooks, in the transaction that causes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from hosting.delivery import links
from hosting.models import Delivery, HostedFile, Job, Webhook
from hosting.webhooks.dispatch import send_soon


def file_created(file: HostedFile) -> None:
    """Record the event of a new file; call it in the transaction that writes its row."""
    _record(Webhook.Event.FILE_CREATED, file.owner_id, file.is_test, lambda: file_payload(file))


def file_deleted(file: HostedFile) -> None:
    """Record the event of a deleted file; call it in the transaction that deletes its row."""
    _record(Webhook.Event.FILE_DELETED, file.owner_id, file.is_test, lambda: file_payload(file))


# The states of a job that have events, by the event's name.
_ENDED = {Job.State.DONE: Webhook.Event.JOB_DONE, Job.State.FAILED: Webhook.Event.JOB_FAILED}


def jobs_ended(keys: Iterable[int], state: str) -> None:
    """Record the events of jobs that ended like this; call it in the transaction that ended them."""
    event = _ENDED.get(Job.State(state))
    if event is None:
        return
    listening = Webhook.objects.standing().filter(enabled=True).values("owner")
    jobs = Job.objects.filter(pk__in=list(keys), owner__in=listening)
    for job in jobs.select_related("result"):
        _record(event, job.owner_id, job.is_test, partial(job_payload, job))


def file_payload(file: HostedFile) -> dict[str, Any]:
    """A file as described in an event."""
    return {
        "id": file.public_id,
        "title": file.title,
        "kind": file.kind,
        "format": file.format,
        "width": file.width,
        "height": file.height,
        "size": file.size,
        "privacy": file.privacy,
        "url": links.url_of(file),
        "viewer_url": links.absolute(file.viewer_path),
        "created_at": _moment(file.created_at),
    }


def job_payload(job: Job) -> dict[str, Any]:
    """An ended job as described in an event."""
    failed = job.state == Job.State.FAILED
    return {
        "id": job.public_id,
        "kind": job.kind,
        "state": job.state,
        "error": {"code": job.error_code, "message": job.error_message} if failed else None,
        "result": file_payload(job.result) if job.result and not job.result.withheld else None,
        "created_at": _moment(job.created_at),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _record(event: str, owner_id: int | None, is_test: bool, values: Any) -> None:
    """Write the deliveries, and have them sent once the transaction has committed."""
    if owner_id is None:
        return
    standing = Webhook.objects.standing()
    listening = standing.filter(owner_id=owner_id, is_test=is_test, enabled=True)
    wanting = [webhook for webhook in listening if event in webhook.events]
    if not wanting:
        return
    now = timezone.now()
    body = json.dumps(
        {"type": event, "timestamp": _moment(now), "data": values()}, separators=(",", ":")
    )
    for webhook in wanting:
        # A failing webhook is left alone until its next attempt is due.
        due = _next_try(webhook) if webhook.failing_since else now
        row = Delivery.objects.create(webhook=webhook, event=event, body=body, next_at=due)
        if due <= now:
            transaction.on_commit(partial(send_soon, row.webhook_id))


def _next_try(webhook: Webhook) -> datetime:
    pending = webhook.deliveries.filter(state=Delivery.State.PENDING).order_by("-next_at")
    return pending.values_list("next_at", flat=True).first() or timezone.now()
