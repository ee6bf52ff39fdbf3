"""Lists of banned contents to exchange with others: one hash a line, or ThreatExchange's CSV.

A line is a PDQ hash of 64 hex digits, or `sha256:` and the hash of a file's bytes; what follows a comma or a
blank is ignored, and so are empty lines and those that begin with #. The CSV has the columns that the pages of
ThreatExchange download and take: https://developers.facebook.com/docs/threat-exchange/reference/submitting
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TextIO

from django.db import transaction

from hosting import audit
from hosting.admission import content
from hosting.audit import Actor, Subject
from hosting.models import BannedContent

INDICATOR, TYPE, DESCRIPTION = "td_raw_indicator", "td_indicator_type", "td_description"
PDQ, SHA256 = "HASH_PDQ", "HASH_SHA256"
BATCH = 2000
REASON_LENGTH = 200

_HASH = re.compile(r"[0-9a-f]{64}")
_LINE = re.compile(r"(sha256:)?([0-9a-f]{64})(?:[\s,].*)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """One hash of a list. picture: PDQ, 32 bytes, or None; digest: SHA-256 in hex, or ""."""

    picture: bytes | None = None
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Imported:
    """How many hashes of a list were banned, had been already, and are of kinds that are not compared."""

    added: int
    known: int
    skipped: int


class Unreadable(ValueError):
    """A list that cannot be read: in which line, and why."""


def read(lines: TextIO) -> Iterator[Entry | None]:
    """The entries of a list, None for hashes of other kinds. Raises Unreadable."""
    first = next(lines, "")
    if INDICATOR in first:
        rows = csv.DictReader(chain([first.removeprefix("\ufeff")], lines))
        for row in rows:
            yield _of_row(row, rows.line_num)
        return
    for number, line in enumerate(chain([first], lines), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if (found := _LINE.fullmatch(text)) is None:
            raise Unreadable(f"Line {number} is not a hash of 64 hex digits.")
        value = found[2].lower()
        yield Entry(digest=value) if found[1] else Entry(picture=bytes.fromhex(value))


def _of_row(row: dict[str, str | None], number: int) -> Entry | None:
    kind, value = row.get(TYPE) or PDQ, (row.get(INDICATOR) or "").strip().lower()
    if kind not in (PDQ, SHA256):
        return None
    if not _HASH.fullmatch(value):
        raise Unreadable(f"Line {number} has no hash of 64 hex digits in {INDICATOR}.")
    reason = (row.get(DESCRIPTION) or "")[:REASON_LENGTH]
    if kind == SHA256:
        return Entry(digest=value, reason=reason)
    return Entry(picture=bytes.fromhex(value), reason=reason)


def write(out: TextIO, *, as_csv: bool) -> int:
    """Write all banned contents; return how many lines of hashes. A row of both kinds is two lines."""
    rows = BannedContent.objects.order_by("pk").values_list("picture", "digest", "reason")
    sheet = csv.writer(out, lineterminator="\n")
    if as_csv:
        sheet.writerow([INDICATOR, TYPE, DESCRIPTION])
    count = 0
    for picture, digest, reason in rows.iterator(BATCH):
        kinds = [(PDQ, bytes(picture).hex())] if picture else []
        kinds += [(SHA256, digest)] if digest else []
        for kind, value in kinds:
            if as_csv:
                sheet.writerow([value, kind, _plain(reason)])
            else:
                out.write(f"{'sha256:' if kind == SHA256 else ''}{value}\n")
            count += 1
    return count


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def bring_in(
    actor: Actor, entries: Iterable[Entry | None], *, bits: int | None = None, reason: str = ""
) -> Imported:
    """Ban what a list has, all of it or, where it cannot be read, nothing; one entry in the log.

    bits, reason: for those of the list; one that comes with a reason of its own keeps it.
    """
    known = skipped = added = 0
    source = iter(entries)
    with transaction.atomic():
        content.in_order()
        rows = BannedContent.objects.values_list("picture", "digest")
        there = {_key(bytes(one or b""), digest) for one, digest in rows.iterator(BATCH)}
        while batch := list(islice(source, BATCH)):
            fresh = []
            for one in batch:
                if one is None:
                    skipped += 1
                elif (key := _key(one.picture, one.digest)) in there:
                    known += 1
                else:
                    there.add(key)
                    fresh.append(_row(actor, one, bits, reason))
            BannedContent.objects.bulk_create(fresh)
            added += len(fresh)
        counts = {"added": added, "known": known, "skipped": skipped, "distance": bits}
        audit.record(actor, "import content", Subject("content", "list"), text=reason, after=counts)
    return Imported(added, known, skipped)


def _key(picture: bytes | None, digest: str) -> bytes:
    """What is the same for the same ban: a row of both kinds counts as its picture."""
    return picture or digest.encode()


def _row(actor: Actor, one: Entry, bits: int | None, reason: str) -> BannedContent:
    return BannedContent(
        digest=one.digest,
        picture=one.picture,
        distance=bits if one.picture else None,
        reason=one.reason or reason,
        made_by=actor.user,
    )
