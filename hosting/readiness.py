"""Whether everything that the site needs is available, for `/readyz` and for the messages at the start.

What belongs here: one check for each thing that the site depends on. A check finds what is wrong within some
seconds and says it in a sentence without secrets; the reason's details are for the log.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from hosting.storage import objects

logger = logging.getLogger(__name__)

# How long an answer is reused, so that constant polling costs no more than occasional checks.
KEPT_SECONDS = 5.0
PATIENCE_SECONDS = 3.0


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM hosting_hostedfile LIMIT 1")
    return ""


def _cache() -> str:
    token = secrets.token_hex(8)
    cache.set("readiness", token, 60)
    # Another process may have written meanwhile; only an empty value is an error.
    return "" if cache.get("readiness") else "The cache keeps nothing."


def _broker() -> str:
    with current_app.connection_for_write() as broker:
        broker.transport_options = {
            **(broker.transport_options or {}),
            "socket_connect_timeout": PATIENCE_SECONDS,
            "socket_timeout": PATIENCE_SECONDS,
        }
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE_SECONDS)
    return ""


def _files() -> str:
    if settings.FILES_STORAGE == "local":
        if settings.FILES_DELIVERY == "redirect":
            return "FILES_DELIVERY=redirect needs a bucket, and FILES_STORAGE is local."
        return ""
    if settings.FILES_DELIVERY == "accel":
        return "FILES_DELIVERY=accel needs the files on this disk, and FILES_STORAGE is s3."
    from hosting.storage.bucket import Bucket

    storage = objects.files()
    if not isinstance(storage, Bucket):
        return ""
    elsewhere = settings.FILES_URL if settings.FILES_URL != settings.SITE_URL else ""
    return storage.problem(elsewhere, PATIENCE_SECONDS)


# What the site depends on, by the name that a failing check is reported under.
CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "cache": _cache,
    "broker": _broker,
    "files": _files,
}


def problems() -> list[str]:
    """What is wrong now, a line each (`broker: …`); empty where the site can do all that it is for."""
    found = []
    for name, check in CHECKS.items():
        try:
            wrong = check()
        except Exception:  # whatever its library raises; the text may hold a password
            logger.warning("the %s is not ready", name, exc_info=True)
            wrong = "It does not answer; the reason is in the log."
        if wrong:
            found.append(f"{name}: {wrong}")
    return found


class _Kept:
    """The last answer, for KEPT_SECONDS; one thread finds a new one while others wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: list[str] = []
        self._until = 0.0

    def get(self) -> list[str]:
        """What was wrong, at most KEPT_SECONDS ago."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = problems()
                self._until = time.monotonic() + KEPT_SECONDS
            return list(self._found)

    def forget(self) -> None:
        """Check again next time."""
        self._until = 0.0


recent = _Kept()
