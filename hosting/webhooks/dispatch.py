"""Handing a webhook's deliveries to a worker."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


def send_soon(webhook_id: int) -> None:
    from hosting.tasks import deliver

    try:
        deliver.apply_async((webhook_id,), retry=False)
    except Exception:  # whatever a broker's library raises; the sweep sends it
        logger.warning("webhook %s could not be told to a worker yet", webhook_id, exc_info=True)
