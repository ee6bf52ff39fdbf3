"""HTTP's rules for asking for a file again, or for a part of it (RFC 9110, sections 13 and 14).

Shared by the embedded server, which sends public files without Django, and by `delivery.responses`, which
sends the others: no Django in here.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Protocol

# Immutable content may be cached by anybody, for as long as HTTP can express.
FOREVER = "public, max-age=31536000, immutable"
# Pictures never change at their address either, but their owner may close them: shared caches revalidate every
# five minutes, so that a closed link stops working there too.
OPEN = "public, max-age=31536000, s-maxage=300, immutable"
# A bucket's signed address is valid for SIGNED_SECONDS: the redirect to it is cached for less.
SIGNED_SECONDS = 300
SIGNED = f"public, max-age={SIGNED_SECONDS - 60}"
# Content for one reader is requested again each time.
PRIVATE = "private, no-cache"
# An SVG may hold a script that the sanitiser did not know: opened as a page it may run none, and reach nothing.
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


class Request(Protocol):
    """The headers of a request, by their names in lower case."""

    def get(self, key: str, /) -> str | None: ...


def is_unchanged(request: Request, etag: str, modified: float) -> bool:
    """Whether the client has this very file already (RFC 9110, 13.2.2: tags go before dates)."""
    if (tags := request.get("if-none-match")) is not None:
        given = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return etag in given or given == ["*"]
    since = request.get("if-modified-since")
    return since is not None and (at := _seconds(since)) is not None and int(modified) <= at


def wanted_part(request: Request, etag: str, modified: float, size: int) -> tuple[int, int] | None:
    """The part that a Range header asks for, as start and end (exclusive); None for the whole.

    An empty part means that there is nothing there. Several ranges, other units and rubbish are answered
    with the whole file, as the standard allows.
    """
    if (header := request.get("range")) is None or not (match := _RANGE.fullmatch(header.strip())):
        return None
    condition = request.get("if-range")
    if condition is not None and condition != etag and _seconds(condition) != int(modified):
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if last else None
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size


def _seconds(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, IndexError):
        return None
