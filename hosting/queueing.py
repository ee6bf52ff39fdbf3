"""Sending a task to a worker by its name, so that what sends it need not import what does it."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app

logger = logging.getLogger(__name__)


def send(name: str, *args: Any, **options: Any) -> bool:
    """Send the task called `name`; `options` are those of Celery's apply_async.

    False, with a line in the log, where the broker cannot be reached: the row is authoritative, and a sweep
    resends lost messages.
    """
    tasks = current_app.tasks
    if name not in tasks:
        # A process that has sent nothing yet has not loaded the tasks.
        current_app.loader.import_default_modules()
    try:
        tasks[name].apply_async(args, retry=False, **options)
    except Exception:  # whatever a broker's library raises
        logger.warning("%s%r could not be sent to a worker yet", name, args, exc_info=True)
        return False
    return True
