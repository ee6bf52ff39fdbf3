"""Several files as one ZIP archive, made while it is sent.

Pictures and videos are compressed already: they are stored uncompressed, so that the only work is copying. An
archive holds a thread for as long as its reader takes, so each address has few turns, and so has the process.
"""

from __future__ import annotations

import io
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Count, QuerySet, Sum

from accounts.client_ip import network_of
from hosting.errors import HostingError
from hosting.models import HostedFile, Variant
from hosting.models.slug import slug_of
from hosting.storage import objects

# The most that one album's archive holds.
MOST_FILES, MOST_BYTES = 2000, 2_000_000_000
CHUNK = 256 * 1024
# Archives that one process sends at once, and those of them that go to one address.
MOST_AT_ONCE, MOST_FOR_ONE = 8, 2
# A ZIP's clock begins then.
FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Entry:
    """One file of an archive: its name there, when it was made, its bytes; size 0 is one not known before."""

    name: str
    moment: datetime
    pieces: Callable[[], Iterable[bytes]]
    size: int = 0


def entry_of(thing: HostedFile | Variant, name: str, moment: datetime) -> Entry:
    """A stored object as an entry."""
    if isinstance(thing, HostedFile):
        area = thing.area
    else:
        area = objects.GUARDED if thing.name == Variant.ORIGINAL else thing.file.area
    return Entry(name, moment, partial(_stored, area, thing.path), thing.size)


def entries_by_title(files: Iterable[HostedFile]) -> Iterator[Entry]:
    """An entry a file, named by its title; letters, digits and dashes only, so that no name is a path."""
    taken: set[str] = set()
    for file in files:
        stem = slug_of(file.title)[:100] or file.filename.rpartition(".")[0]
        name, number = f"{stem}.{file.file_format.extension}", 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}.{file.file_format.extension}"
        taken.add(name.casefold())
        yield entry_of(file, name, file.created_at)


def check(rows: QuerySet[HostedFile]) -> None:
    """Raise HostingError where `rows` is empty, or exceeds what one archive holds."""
    values = rows.order_by().aggregate(count=Count("pk"), bytes=Sum("size"))
    if not values["count"]:
        raise HostingError("empty")
    if values["count"] > MOST_FILES or values["bytes"] > MOST_BYTES:
        raise HostingError("too_large.archive", files=MOST_FILES, size=MOST_BYTES // 10**9)


_sending: Counter[str] = Counter()
# One that may be taken twice: an archive that is collected as rubbish gives its turn back at any moment.
_guard = threading.RLock()


class NoTurn(HostingError):
    """Enough archives are being sent. `seconds`: when to try again."""

    seconds = 30

    def __init__(self) -> None:
        super().__init__("busy.archives")


class InTurn:
    """The chunks of an archive sent to `address`, which holds a turn until it is closed.

    Raises NoTurn where the limit of archives under way is reached, for that address (IPv6: its /64) or in all.
    """

    def __init__(self, pieces: Iterator[bytes], address: str | None) -> None:
        self._open = False
        self._pieces, self._address = pieces, network_of(address)
        with _guard:
            full = _sending.total() >= MOST_AT_ONCE or _sending[self._address] >= MOST_FOR_ONE
            if not full:
                _sending[self._address] += 1
                self._open = True
        if full:
            _close(pieces)
            raise NoTurn

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Release the turn; only once, however often it is called."""
        with _guard:
            if not self._open:
                return
            self._open = False
            _sending[self._address] -= 1
            if not _sending[self._address]:
                del _sending[self._address]
        _close(self._pieces)


def _close(pieces: Iterator[bytes]) -> None:
    if close := getattr(pieces, "close", None):
        close()


def stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The archive of `entries`, in chunks. An entry whose bytes are gone by now is left out."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            pieces = iter(entry.pieces())
            try:
                first = next(pieces, b"")
            except FileNotFoundError:
                continue
            info = zipfile.ZipInfo(entry.name, max(entry.moment.timetuple()[:6], FIRST_MOMENT))
            info.file_size = entry.size
            with archive.open(info, "w") as place:
                place.write(first)
                yield sink.taken()
                for piece in pieces:
                    place.write(piece)
                    yield sink.taken()
    yield sink.taken()


def _stored(area: str, path: str) -> Iterator[bytes]:
    with objects.open_file(area, path) as content:
        while piece := content.read(CHUNK):
            yield piece


class _Sink(io.RawIOBase):
    """The archive's output: it keeps the bytes until they are taken, and cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
