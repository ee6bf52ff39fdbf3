"""MP4 and MOV files: the movie box, its tracks, and what is blanked in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from processing.containers.isobmff import (
    MAX_BOXES,
    Box,
    blank,
    boxes,
    children,
    file_boxes,
    number,
)
from processing.errors import InvalidImage

_KNOWN = frozenset(
    {b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp", b"free", b"skip", b"wide"}
)
_KEPT = frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp", b"wide"})

# Titles, places, owners, serial numbers and the maker's private data.
_PRIVATE = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"iods", b"clip", b"ctab"})

# Tracks that a player plays. Others hold places and sensor data, frame by frame; so do the subtitles of drones.
_PLAYED = frozenset({b"vide", b"soun", b"pict", b"auxv"})

# Boxes that begin with a version, flags, and the times of creation and modification.
_TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})

MAX_TRACKS = 100
MAX_SAMPLES = 2_000_000

# How FFmpeg recognises a compressed movie box.
_COMPRESSED = b"dcomzlib"
_SIZES = frozenset({b"stsz", b"stz2"})
# How many uncompressed sound samples make one entry of FFmpeg's index.
_SOUND_SAMPLES = 1024


def check_index(data: bytes) -> None:
    """Refuse a file of which FFmpeg would build an index out of all proportion to its size.

    It makes some 60 bytes of every sample that the tables announce, before it looks for a single one, and
    inflates a compressed movie box to whatever size that claims: kilobytes of file become gigabytes.
    """
    samples = tables = 0
    for box in file_boxes(data, _KNOWN):
        if box.name == b"mdat":
            continue
        content = data[box.start : box.end]
        runs = content.count(b"trun")
        if _COMPRESSED in content or runs > MAX_BOXES:
            raise InvalidImage
        # Wherever they are: FFmpeg also looks into boxes that should not hold any.
        tables += sum(content.count(name) for name in _SIZES)
        for run in re.finditer(b"trun", content):
            samples += int.from_bytes(content[run.end() + 4 : run.end() + 8], "big")
        if box.name == b"moov":
            for track in children(data, box, b"trak"):
                found, cost = _cost(data, track)
                tables, samples = tables - found, samples + cost
    if tables or samples > MAX_SAMPLES:
        raise InvalidImage


def _cost(data: bytes, track: Box) -> tuple[int, int]:
    """How many tables of sample sizes a track has, and how many entries FFmpeg makes of them."""
    found = cost = 0
    for media in children(data, track, b"mdia"):
        for info in children(data, media, b"minf"):
            for table in children(data, info, b"stbl"):
                inner = list(boxes(data, table.body, table.end))
                sizes = [box for box in inner if box.name in _SIZES]
                found += len(sizes)
                if _is_plain_sound(data, track, inner):
                    cost += _longest_sound(data, inner) // _SOUND_SAMPLES
                else:
                    cost += sum(number(data, box.body + 8, 4, box.end) for box in sizes)
    return found, cost


def _is_plain_sound(data: bytes, track: Box, tables: list[Box]) -> bool:
    """Whether every sample is a moment of uncompressed sound, of which FFmpeg joins very many."""
    times = [box for box in tables if box.name == b"stts"]
    if len(times) != 1 or data.find(b"vide", track.start, track.end) >= 0:
        return False
    body, end = times[0].body, times[0].end
    return number(data, body + 4, 4, end) == 1 and number(data, body + 12, 4, end) == 1


def _longest_sound(data: bytes, tables: list[Box]) -> int:
    """At most how many samples the chunks of a track have together."""
    chunks = sum(number(data, b.body + 4, 4, b.end) for b in tables if b.name in (b"stco", b"co64"))
    most = 0
    for box in tables:
        if box.name == b"stsc":
            rows = range(box.body + 8, box.end - 11, 12)
            most = max([most, *(number(data, row + 4, 4, box.end) for row in rows)])
    return chunks * max(most, _SOUND_SAMPLES)


def clean(data: bytes) -> bytes:
    """The same file with titles, places, dates and private tracks zeroed, and its tail cut."""
    found = file_boxes(data, _KNOWN)
    names = [box.name for box in found]
    # QuickTime files need not begin with their brands.
    if b"moov" not in names or not {b"mdat", b"moof"} & set(names):
        raise InvalidImage
    out = bytearray(data[: found[-1].end])
    for box in found:
        if box.name not in _KEPT:
            blank(out, box)
        elif box.name == b"moov":
            clean_movie(out, box)
    return bytes(out)


def clean_movie(data: bytearray, moov: Box) -> None:
    """Blank, inside a movie box, everything that is not needed to play it."""
    tracks = 0
    for box in boxes(data, moov.body, moov.end):
        if box.name in _PRIVATE:
            blank(data, box)
        elif box.name in _TIMED:
            _forget_times(data, box)
        elif box.name == b"trak":
            tracks += 1
            # Each may point to the whole file, so very many of them would take very long.
            if tracks > MAX_TRACKS:
                raise InvalidImage
            _clean_track(data, box)


def _clean_track(data: bytearray, trak: Box) -> None:
    media = next(iter(children(data, trak, b"mdia")), None)
    handler = next(iter(children(data, media, b"hdlr")), None) if media else None
    if media and handler and bytes(data[handler.body + 8 : handler.body + 12]) not in _PLAYED:
        for start, length in list(_samples(data, media)):
            data[start : start + length] = bytes(length)
        blank(data, trak)
        return
    for box in boxes(data, trak.body, trak.end):
        if box.name in _PRIVATE:
            blank(data, box)
        elif box.name in _TIMED:
            _forget_times(data, box)
        elif box.name == b"mdia":
            for inner in boxes(data, box.body, box.end):
                if inner.name in _TIMED:
                    _forget_times(data, inner)


def _forget_times(data: bytearray, box: Box) -> None:
    width = 8 if number(data, box.body, 1, box.end) == 1 else 4
    if box.body + 4 + 2 * width > box.end:
        raise InvalidImage
    data[box.body + 4 : box.body + 4 + 2 * width] = bytes(2 * width)


def _samples(data: bytearray, media: Box) -> Iterator[tuple[int, int]]:
    """Where in the file the samples of a track are: start and length of every chunk of them."""
    tables: dict[bytes, Box] = {}
    for info in children(data, media, b"minf"):
        for table in children(data, info, b"stbl"):
            tables.update({box.name: box for box in boxes(data, table.body, table.end)})
    offsets = tables.get(b"co64") or tables.get(b"stco")
    sizes, runs = tables.get(b"stsz"), tables.get(b"stsc")
    if not (offsets and sizes and runs):
        return
    wide = 8 if offsets.name == b"co64" else 4
    chunks = number(data, offsets.body + 4, 4, offsets.end)
    fixed = number(data, sizes.body + 4, 4, sizes.end)
    samples = number(data, sizes.body + 8, 4, sizes.end)
    run_count = number(data, runs.body + 4, 4, runs.end)
    if max(chunks, samples, run_count) > MAX_SAMPLES:
        raise InvalidImage
    run, per_chunk, sample = 0, 0, 0
    zeroed = 0
    for chunk in range(chunks):
        entry = runs.body + 8 + 12 * run
        if run < run_count and number(data, entry, 4, runs.end) <= chunk + 1:
            per_chunk = number(data, entry + 4, 4, runs.end)
            run += 1
        start = number(data, offsets.body + 8 + wide * chunk, wide, offsets.end)
        last = min(sample + per_chunk, samples)
        if fixed:
            length = fixed * (last - sample)
        else:
            length = sum(
                number(data, sizes.body + 12 + 4 * index, 4, sizes.end)
                for index in range(sample, last)
            )
        sample = last
        zeroed += length
        # Chunks do not overlap in an honest file; in another they could multiply the work.
        if start + length > len(data) or zeroed > len(data):
            raise InvalidImage
        yield start, length
