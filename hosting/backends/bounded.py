"""The transport below OpenAI's client: answers with limited size and time, never decompressed.

A separate module, since importing it takes time that only callers of a server should spend.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import cast

import httpx2


class BoundedTransport(httpx2.HTTPTransport):
    """most: bytes of a body. A body has the time that its request has for reading, as a whole."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises what httpx2 raises."""
        response = super().handle_request(request)
        body = cast(httpx2.SyncByteStream, response.stream)
        response.stream = _BoundedBody(body, request, self._most)
        # An uncompressed answer was requested; a compressed one would not be JSON.
        response.headers.pop("Content-Encoding", None)
        return response


class _BoundedBody(httpx2.SyncByteStream):
    def __init__(self, body: httpx2.SyncByteStream, request: httpx2.Request, most: int) -> None:
        self._body = body
        self._request = request
        self._most = most
        self._until = time.monotonic() + request.extensions["timeout"]["read"]

    def __iter__(self) -> Iterator[bytes]:
        left = self._most
        for block in self._body:
            left -= len(block)
            if left < 0:
                raise httpx2.ReadError("The answer is too large.", request=self._request)
            if time.monotonic() > self._until:
                raise httpx2.ReadTimeout("The answer drips in.", request=self._request)
            yield block

    def close(self) -> None:
        self._body.close()
