"""Whether the site can serve, for monitoring."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hosting import readiness
from hosting.storage import objects


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and there is room for files; 503 with the reason else.

    The first line says `ok` or the reason, the second the version that answers.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM hosting_hostedfile LIMIT 1")
    except Exception:  # whatever it is, the site cannot serve, and the reason is in the log
        return _answer("database unavailable", 503)
    free = objects.free_bytes()
    if free is not None and free < settings.MIN_FREE_BYTES:
        return _answer("disk full", 503)
    return _answer("ok", 200)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when database, cache, broker and bucket are there; 503 with a line for each thing that is wrong."""
    wrong = readiness.recent.get()
    return _answer("\n".join(wrong) or "ok", 503 if wrong else 200)


def _answer(word: str, status: int) -> HttpResponse:
    lines = f"{word}\nversion {settings.VERSION}\n"
    return HttpResponse(
        lines, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"}
    )
