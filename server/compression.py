"""Packing pages on their way out."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressPages(GZipMiddleware):
    """gzip for pages only: pictures are compressed already, and files are sent unchanged from the disk.

    A page holds the reader's secrets beside words from its address; Django masks its CSRF token afresh in each
    page and pads each one by a random length, so that sizes reveal nothing (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress HTML for clients that accept it."""
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
