"""Banned contents: files that may not come in, known by their bytes or by what their picture looks like.

Each process holds the banned pictures' hashes in memory, 36 bytes each, and compares a picture with all of
them, in its eight rotations and reflections: 1,000,000 take about 12 ms. What is in memory only finds
candidates, and the row decides: a ban that is made, lifted or narrowed counts at once, and of very many one
whose distance is raised after a minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max
from numpy.typing import NDArray

from hosting import audit
from hosting.audit import Actor, Subject
from hosting.errors import HostingError
from hosting.models import BannedContent, ModerationRules
from processing.perceptual_hash import PictureHash, distance

# Hashes that are compared at a time: few enough to stay in the processor's caches.
BLOCK = 1 << 16
# 32 bytes are four columns of 64 bits.
COLUMNS = 4
FEW, MINUTE = 10_000, 60.0
# A distance as large as this finds most pictures; the best candidates are enough to refuse one.
MOST_CANDIDATES = 500

_Words = NDArray[np.uint64]


def refuse_bytes(sha256: str) -> None:
    """Raise HostingError for a file whose bytes are banned. sha256: in hex."""
    if BannedContent.objects.filter(digest=sha256).exists():
        raise HostingError("banned_content")


def refuse_picture(looks: PictureHash | None) -> None:
    """Raise HostingError for a picture that looks like a banned one, however it is turned."""
    if looks is not None and find(looks) is not None:
        raise HostingError("banned_content")


def find(looks: PictureHash) -> BannedContent | None:
    """The ban that a picture falls under, if any."""
    known = _known.up_to_date()
    if known.count == 0:
        return None
    usual = ModerationRules.current().hash_distance
    turned = looks.turned
    keys = known.near(turned, max(usual, known.farthest))
    for row in BannedContent.objects.filter(pk__in=keys):
        allowed = usual if row.distance is None else row.distance
        picture = bytes(row.picture or b"")
        if picture and min(distance(one, picture) for one in turned) <= allowed:
            return row
    return None


def are_pictures_banned() -> bool:
    """Whether it is worth working out what a picture looks like only in order to compare it."""
    return _known.up_to_date().count > 0


def ban(
    actor: Actor,
    *,
    digest: str = "",
    picture: bytes | None = None,
    bits: int | None = None,
    reason: str = "",
) -> BannedContent:
    """Ban these bytes, this picture, or both, and log it; what is banned the same way already stays as it is.

    digest: SHA-256 in hex. picture: its PDQ hash. bits: in how many it may differ; None: as the rules say.
    """
    same = BannedContent.objects.filter(digest=digest, picture=picture, distance=bits)
    if (known := same.first()) is not None:
        return known
    with transaction.atomic():
        in_order()
        row = BannedContent(
            digest=digest, picture=picture, distance=bits, reason=reason, made_by=actor.user
        )
        audit.record(actor, "ban content", _subject(row), text=reason, after=_facts(row))
        row.save(force_insert=True)
    return row


def in_order() -> None:
    """Wait for others who ban contents until this transaction has ended.

    So rows are committed in the order of their keys, and whoever has read one has read all before it.
    """
    ModerationRules.locked()


def lift(actor: Actor, row: BannedContent) -> None:
    """End a ban, and log it."""
    with transaction.atomic():
        audit.record(actor, "lift content ban", _subject(row), before=_facts(row))
        row.delete()


def _subject(row: BannedContent) -> Subject:
    return Subject("content", str(row), content_hash=row.digest)


def _facts(row: BannedContent) -> dict[str, object]:
    picture = bytes(row.picture).hex() if row.picture else ""
    return {"digest": row.digest, "picture": picture, "distance": row.distance}


@dataclass
class _Block:
    """Some of the banned hashes: their words by columns, and the keys of their rows."""

    words: _Words
    keys: NDArray[np.uint32]

    def near(self, hashes: list[list[np.uint64]], most: int) -> list[tuple[int, int]]:
        """Distance and key of those within `most` of one of `hashes`."""
        found: list[tuple[int, int]] = []
        for one in hashes:
            # Half of the bits rule out nearly all; the others are counted only for what is left.
            count = np.bitwise_count(self.words[0] ^ one[0])
            count += np.bitwise_count(self.words[1] ^ one[1])
            if count.min() > most:
                continue
            left = np.flatnonzero(count <= most)
            total = count[left].astype(np.int64)
            for column in (2, 3):
                total += np.bitwise_count(self.words[column][left] ^ one[column])
            near = np.flatnonzero(total <= most)
            found += zip(total[near].tolist(), self.keys[left[near]].tolist(), strict=True)
        return found


class _Known:
    """The hashes of all banned pictures, in the order of their rows' keys."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._blocks: list[_Block] = []
        self._last: tuple[int, bytes] = (0, b"")
        self.count, self.farthest, self._due = 0, 0, 0.0

    def up_to_date(self) -> _Known:
        """Itself, after adding what was banned since; one query unless much was."""
        with self._lock:
            key, picture = self._last
            rows = BannedContent.objects.filter(picture__isnull=False).order_by("pk")
            since = rows.filter(pk__gte=key).values_list("pk", "picture", "distance")
            fresh: list[tuple[int, Any, int | None]] = list(since[: BLOCK + 1])
            if key and (not fresh or (fresh[0][0], bytes(fresh[0][1])) != (key, picture)):
                # The newest was deleted, or this is another database by now.
                self._forget()
                fresh = list(rows.values_list("pk", "picture", "distance")[:BLOCK])
            elif key:
                fresh = fresh[1:]
            while fresh:
                self._add(fresh)
                beyond = rows.filter(pk__gt=self._last[0])
                full = len(fresh) >= BLOCK
                fresh = (
                    list(beyond.values_list("pk", "picture", "distance")[:BLOCK]) if full else []
                )
            self._look_how_far()
        return self

    def _look_how_far(self) -> None:
        """Know the greatest distance of any row; of many rows it is asked for once a minute."""
        now = time.monotonic()
        if self.count and (self.count <= FEW or now >= self._due):
            greatest = BannedContent.objects.aggregate(greatest=Max("distance"))["greatest"]
            self.farthest, self._due = greatest or 0, now + MINUTE

    def _add(self, rows: Sequence[tuple[int, Any, int | None]]) -> None:
        pictures = b"".join(bytes(picture) for _, picture, _ in rows)
        words = np.frombuffer(pictures, np.uint64).reshape(-1, COLUMNS).T
        keys = np.array([key for key, _, _ in rows], np.uint32)
        blocks = list(self._blocks)
        if blocks and len(blocks[-1].keys) + len(keys) <= BLOCK:
            last = blocks.pop()
            words = np.hstack([last.words, words])
            keys = np.concatenate([last.keys, keys])
        # Replaced and not changed: another thread may be looking through it.
        self._blocks = [*blocks, _Block(np.ascontiguousarray(words), keys)]
        self.count += len(rows)
        self.farthest = max(self.farthest, *(own or 0 for _, _, own in rows))
        self._last = rows[-1][0], bytes(rows[-1][1])

    def near(self, hashes: tuple[bytes, ...], most: int) -> list[int]:
        """The keys of those within `most` bits of one of `hashes`, the nearest first."""
        sought = [list(np.frombuffer(one, np.uint64)) for one in hashes]
        found = [one for block in self._blocks for one in block.near(sought, most)]
        return [key for _, key in sorted(found)[:MOST_CANDIDATES]]


_known = _Known()
