"""Files that are nearly sound: a sample of some format with one change, always the same for the same number.

`samples` holds what is changed, `changes` what may be done to it. Where it is sent is up to the tests.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from random import Random

from tests.mutants.changes import CHANGES, TEXT_CHANGES
from tests.mutants.samples import SAMPLES

# A part of every number's seed: change it for other files.
SEED = "vitrine"
# The share of PNGs whose checksums are put right after the change, so that more than a checksum is tried.
SUMMED = 0.8


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed file. change: a name of CHANGES or TEXT_CHANGES."""

    number: int
    format: str
    change: str
    data: bytes


def mutant(number: int, format: str) -> Mutant:
    """The changed file of that number, made of a sample of that format."""
    random = Random(f"{SEED} {number} {format}")
    samples = SAMPLES[format]()
    table = {**CHANGES, **TEXT_CHANGES} if format == "svg" else CHANGES
    name = random.choice(list(table))
    data = table[name](random, random.choice(samples), random.choice(samples))
    if format == "png" and random.random() < SUMMED:
        data = summed(data)
    return Mutant(number, format, name, data)


def summed(data: bytes) -> bytes:
    """A PNG with the right checksum behind every chunk, as far as its lengths can be followed."""
    made, at = bytearray(data), 8
    while at + 12 <= len(made):
        end = at + 8 + int.from_bytes(made[at : at + 4], "big")
        if end + 4 > len(made):
            break
        made[end : end + 4] = zlib.crc32(made[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(made)
