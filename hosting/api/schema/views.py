"""`/api/schema/{name}.json`: the documents, for programs and for the site's own pages; no key is needed."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from hosting.api.dialects import DIALECTS
from hosting.api.schema import document
from hosting.http_caching import is_unchanged

CACHE_CONTROL = "public, max-age=300"


@cache
def _written(name: str) -> tuple[bytes, str]:
    """The document as it is sent, and its ETag."""
    text = json.dumps(document(name), ensure_ascii=False, separators=(",", ":")).encode()
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


@gzip_page
@require_safe
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The document of one API."""
    if name not in DIALECTS:
        raise Http404
    text, tag = _written(name)
    asked = {"if-none-match": request.headers.get("If-None-Match")}
    if is_unchanged(asked, tag, 0):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(text, content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = CACHE_CONTROL
    response["Access-Control-Allow-Origin"] = "*"
    return response
