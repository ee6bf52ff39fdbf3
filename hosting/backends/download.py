"""Fetching one large file from an address that the operator or a library has chosen, on from where it stopped.

Unlike `sources/fetch`, which opens what users typed: the address is trusted, so it may be in our own network,
and the environment's proxies are used. What it sends is not: it is limited in size, leaves the disk its free
room, and is whatever its hash says, which the caller checks.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import httpx2

# No file of weights is larger.
MOST_BYTES = 2 * 1024**3
CONNECT_SECONDS, SILENT_SECONDS = 10.0, 30.0
# Connections of one download; the next one asks for what the last did not bring.
CONNECTIONS = 20
REDIRECTS = 5
CLIENT = {"Accept-Encoding": "identity", "User-Agent": "Vitrine"}
CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")

# Called with the bytes that are there and those that it will be, or None where the server does not say.
Progress = Callable[[int, int | None], None]


def silent(have: int, whole: int | None) -> None:
    """The progress that tells nobody."""


class DownloadError(Exception):
    """Why a file did not come, in a few words for the operator. What did come is kept for the next time."""


class NoRoom(DownloadError):
    """The disk has not enough room. Nothing is kept."""


class _Again(Exception):
    """The connection brought what it could; another may bring more. The reason is the message."""


def download(url: str, part: Path, *, keep_free: int = 0, progress: Progress = silent) -> None:
    """Bring the file at `url` to `part`, going on after the bytes that are there.

    keep_free: bytes that must stay free on the disk. A server that cannot go on in the middle sends it from the
    beginning. Raises DownloadError, NoRoom, and OSError where `part` cannot be written.
    """
    timeout = httpx2.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS)
    with httpx2.Client(
        headers=CLIENT, timeout=timeout, follow_redirects=True, max_redirects=REDIRECTS
    ) as client:
        for _ in range(CONNECTIONS):
            before = _size(part)
            try:
                _go_on(client, url, part, keep_free, progress)
                return
            except _Again as again:
                reason = str(again)
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                reason = type(error).__name__
            if _size(part) == before:
                break
    raise DownloadError(reason)


def _go_on(client: httpx2.Client, url: str, part: Path, keep_free: int, progress: Progress) -> None:
    """One connection. Returns where all is there; raises _Again, DownloadError, or what httpx2 raises."""
    have = _size(part)
    asked = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", url, headers=asked) as response:
        if url.startswith("https:") and any(
            hop.url.scheme != "https" for hop in (*response.history, response)
        ):
            raise DownloadError("it leads from https to http")
        if response.status_code == 416 and have:
            # All is there, or another file is now; the hash tells.
            if response.headers.get("Content-Range", "") == f"bytes */{have}":
                return
            part.unlink()
            raise _Again("it has another file now")
        if response.status_code not in (200, 206):
            raise DownloadError(f"status {response.status_code}")
        start, whole = _span(response)
        if start not in (0, have):
            part.unlink(missing_ok=True)
            raise _Again("it sent another part")
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            _pour(response, file, start, whole, keep_free, progress)


def _span(response: httpx2.Response) -> tuple[int, int | None]:
    """Where in the file the answer begins, and how long the file is."""
    if response.status_code == 206:
        found = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found is None:
            raise DownloadError("a part without its place")
        return int(found[1]), None if found[2] == "*" else int(found[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() and len(length) < 20 else None


def _pour(
    response: httpx2.Response,
    file: BinaryIO,
    start: int,
    whole: int | None,
    keep_free: int,
    progress: Progress,
) -> None:
    have, place = start, Path(file.name)
    if whole is not None and whole > MOST_BYTES:
        raise DownloadError("it is too large")
    _refuse_without_room(place, keep_free + max(0, (whole or 0) - start))
    progress(have, whole)
    # As it comes: what waits to fill a larger block is lost with the connection.
    for block in response.iter_raw():
        have += len(block)
        if have > (MOST_BYTES if whole is None else whole):
            raise DownloadError("it is too large")
        _refuse_without_room(place, keep_free + len(block))
        file.write(block)
        file.flush()
        progress(have, whole)
    if whole is not None and have < whole:
        raise _Again("the connection was cut")


def _refuse_without_room(place: Path, needed: int) -> None:
    if shutil.disk_usage(place.parent).free < needed:
        place.unlink(missing_ok=True)
        raise NoRoom("the disk has no room for it")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
