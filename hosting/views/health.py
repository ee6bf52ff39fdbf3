"""Whether the site can serve, for whoever watches it."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hosting import storage


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and there is room for files; 503 with the reason else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM hosting_hostedfile LIMIT 1")
    except Exception:  # whatever it is, the site cannot serve, and the reason is in the log
        return HttpResponse("database unavailable\n", status=503, content_type="text/plain")
    free = storage.free_bytes()
    if free is not None and free < MIN_FREE_BYTES:
        return HttpResponse("disk full\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


# Below this the next upload may not fit.
MIN_FREE_BYTES = 64 * 1024 * 1024
