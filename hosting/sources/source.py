"""Every way in becomes one Source: a file part, base64 text, or a URL that the server fetches."""

from __future__ import annotations

import base64
import binascii
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

from django.conf import settings

from hosting.errors import HostingError
from hosting.sources import fetch

# How much of a text must be read to distinguish a URL from base64.
HEAD = 64
# Characters of text to read at a time; four carry three bytes, so a multiple of four.
BLOCK = 4 * 256 * 1024
MEMORY = 1024 * 1024
# A silent server holds a thread for as long as a fetch may take, and so does waiting for a turn: both are
# limited, so that threads stay free for everybody else.
FETCH_QUEUE_SECONDS = 2.0
_fetching = threading.BoundedSemaphore(settings.FETCHES_AT_ONCE)
_waiting = threading.BoundedSemaphore(settings.FETCHES_WAITING)
SCHEME = re.compile(rb"\s*([A-Za-z][A-Za-z0-9+.-]*):")
# What may precede base64. A leading space never replaced a +: no picture's base64 begins with one.
BEGINNING = re.compile(rb"\s*(?:data:[^,]{0,200};base64,\s*)?", re.IGNORECASE)
LINE_BREAKS = b"\t\r\n\f\v"
# The URL-safe alphabet is accepted as well.
PLAIN = bytes.maketrans(b"-_", b"+/")
FORM = bytes.maketrans(b"-_ ", b"+/+")


@dataclass(frozen=True)
class Source:
    """An incoming file: its bytes from the beginning, their number, and the name its sender gave it."""

    file: BinaryIO
    size: int
    filename: str = ""


def from_upload(file: BinaryIO, filename: str) -> Source:
    """A file part of a form."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    if not size:
        raise empty()
    return Source(file, size, filename)


def from_text(
    text: BinaryIO,
    *,
    max_bytes: int,
    urls: bool,
    base64_texts: bool = True,
    urlencoded: bool = False,
) -> Source:
    """What a text field holds: a URL, or base64 with or without a `data:` prefix.

    `urls` and `base64_texts` say whether the caller may use either, `urlencoded` that a space may have been a
    plus. Raises HostingError or FetchError.
    """
    head = text.read(HEAD)
    text.seek(0)
    if not head.strip():
        raise empty()
    scheme = SCHEME.match(head)
    if scheme is None or scheme[1].lower() == b"data":
        if not base64_texts:
            raise HostingError("base64_by_get")
        return from_base64(text, max_bytes=max_bytes, urlencoded=urlencoded)
    if not urls:
        raise HostingError("url_uploads_disabled")
    return from_url(text.read(8192).decode("utf-8", "replace").strip(), max_bytes=max_bytes)


def from_base64(text: BinaryIO, *, max_bytes: int, urlencoded: bool = False) -> Source:
    """Decode a text block by block; missing padding and line breaks are forgiven, all else is not.

    In an `urlencoded` form a client that forgot to encode its text sends + where we read a blank.
    """
    alphabet, dropped = (FORM, LINE_BREAKS) if urlencoded else (PLAIN, LINE_BREAKS + b" ")
    beginning = BEGINNING.match(text.read(256))
    text.seek(beginning.end() if beginning else 0)
    # Stays open in the returned Source.
    out: BinaryIO = tempfile.SpooledTemporaryFile(MEMORY)  # type: ignore[assignment]  # noqa: SIM115
    rest = b""
    while block := text.read(BLOCK):
        rest += block.translate(alphabet, dropped)
        whole = len(rest) - len(rest) % 4
        # Padding can only be at the end, so hold back what may be the end.
        if rest.endswith(b"=") or whole == len(rest):
            whole -= 4
        if whole > 0:
            if b"=" in rest[:whole]:
                raise invalid()
            out.write(_decode(rest[:whole]))
            rest = rest[whole:]
        if out.tell() > max_bytes:
            raise too_large(max_bytes)
    out.write(_decode(rest.rstrip(b"=") + b"=" * (-len(rest.rstrip(b"=")) % 4)))
    size = out.tell()
    out.seek(0)
    if not size:
        raise empty()
    return Source(out, size)


def from_url(url: str, *, max_bytes: int, allow: Callable[[str], None] | None = None) -> Source:
    """Fetch `url` (see `fetch`), or raise HostingError where too many fetches wait already."""
    with _turn():
        fetched = fetch.fetch(
            url,
            max_bytes=max_bytes,
            trusted=settings.FETCH_TRUSTED_HOSTS,
            timeout=settings.FETCH_SECONDS,
            allow=allow,
            user_agent=f"Vitrine (+{settings.SITE_URL})",
        )
    if not fetched.size:
        raise empty()
    return Source(fetched.file, fetched.size, fetched.filename)


def empty() -> HostingError:
    """The error for an empty source."""
    return HostingError("empty_source")


def invalid() -> HostingError:
    """The error for a text that is not base64."""
    return HostingError("invalid_base64")


def too_large(max_bytes: int) -> HostingError:
    """The error for a file above `max_bytes`."""
    return HostingError("too_many_bytes", size=megabytes(max_bytes))


def megabytes(size: int) -> str:
    """`size` bytes in whole or tenths of a binary megabyte, for messages."""
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + " MB"


@contextmanager
def _turn() -> Iterator[None]:
    """Take a turn to fetch for the block; raise HostingError where none comes, at once where enough wait."""
    if not (_fetching.acquire(blocking=False) or _wait_for_turn()):
        raise HostingError("busy", param="source")
    try:
        yield
    finally:
        _fetching.release()


def _wait_for_turn() -> bool:
    if not _waiting.acquire(blocking=False):
        return False
    try:
        return _fetching.acquire(timeout=FETCH_QUEUE_SECONDS)
    finally:
        _waiting.release()


def _decode(block: bytes) -> bytes:
    try:
        return base64.b64decode(block, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid() from error
