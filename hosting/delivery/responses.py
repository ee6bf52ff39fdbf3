"""Links to stored bytes, who may have them, and how they are sent.

Public bytes normally never get here: the embedded server, nginx or a bucket sends them straight from the public
area. What reaches `respond` is guarded, gone, or requested from a server that sends no files.
"""

from __future__ import annotations

from typing import IO, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from hosting import http_caching
from hosting.delivery.links import Stored
from hosting.http_caching import PRIVATE, is_unchanged, wanted_part
from hosting.models import HostedFile, Variant
from hosting.storage import objects

Response = TypeVar("Response", bound=HttpResponseBase)


def respond(request: HttpRequest, stored: Stored) -> HttpResponseBase:
    """Send the bytes, or say to whoever stands in front where they are. Access is checked before."""
    thing = stored.object
    area = objects.GUARDED if stored.is_original else stored.file.area
    response: HttpResponse | FileResponse
    if settings.FILES_DELIVERY == "redirect" and not thing.file_format.scripted:
        name = objects.find(area, thing.path)
        response = HttpResponseRedirect(objects.files().url(name or thing.path))
        response["Cache-Control"] = http_caching.SIGNED if _is_open(stored) else PRIVATE
        return response
    if settings.FILES_DELIVERY == "accel" and (name := objects.find(area, thing.path)):
        response = HttpResponse()
        response["X-Accel-Redirect"] = f"/_files/{quote(name)}"
    else:
        response = _content(request, stored, area)
    response["Content-Type"] = thing.file_format.mime
    response["X-Content-Type-Options"] = "nosniff"
    if thing.file_format.scripted:
        response["Content-Security-Policy"] = http_caching.SVG_POLICY
    if stored.is_original:
        response["Content-Disposition"] = attachment(thing)
    return _private(response, stored)


def attachment(thing: HostedFile | Variant) -> str:
    """The Content-Disposition of a file to save rather than show."""
    return f'attachment; filename="{thing.filename}"'


def _content(request: HttpRequest, stored: Stored, area: str) -> HttpResponse | FileResponse:
    """The requested bytes: all, a part, or none because the client has them."""
    thing = stored.object
    # The content of an address never changes, except for remade variants, which mostly have another size:
    # so the rows give the version.
    etag, written = f'"{stored.file.md5}-{thing.size:x}"', stored.file.created_at.timestamp()
    if is_unchanged(request.headers, etag, written):
        return _marked(HttpResponse(status=304), etag, written)
    part = wanted_part(request.headers, etag, written, thing.size)
    if part is not None and part[0] >= part[1]:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{thing.size}"})
    content = objects.open_file(area, thing.path)
    if part is None:
        response = FileResponse(content)
        response["Content-Length"] = thing.size
        return _marked(response, etag, written)
    start, end = part
    response = FileResponse(Part(content, start, end), status=206)
    response["Content-Range"] = f"bytes {start}-{end - 1}/{thing.size}"
    response["Content-Length"] = end - start
    return _marked(response, etag, written)


def _marked(response: Response, etag: str, written: float) -> Response:
    response["ETag"] = etag
    response["Last-Modified"] = http_date(written)
    response["Accept-Ranges"] = "bytes"
    return response


class Part:
    """A piece of an open file, from `start` to `end` (exclusive), as a file that can only be read."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file = file
        self._left = end - start
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes more; all that are left without it."""
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the file beneath."""
        self._file.close()


def _private(response: HttpResponseBase, stored: Stored) -> HttpResponseBase:
    """Say how long a copy may be kept: no shared cache keeps what may be closed or end."""
    response["Cache-Control"] = http_caching.OPEN if _is_open(stored) else PRIVATE
    return response


def _is_open(stored: Stored) -> bool:
    """Whether anybody may have the bytes for as long as the file lives; an original is its owner's alone."""
    file = stored.file
    return not stored.is_original and file.opens_to_all and file.expires_at is None
