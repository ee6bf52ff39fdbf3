"""Handing a webhook's deliveries to a worker."""

from __future__ import annotations

from hosting import queueing

TASK = "hosting.tasks.deliver"
# A separate queue, since other people's servers may be arbitrarily slow.
QUEUE = "webhooks"


def send_soon(webhook_id: int) -> None:
    """Have a worker send what is due to this webhook; the sweep does so where the message is lost."""
    queueing.send(TASK, webhook_id, queue=QUEUE)
