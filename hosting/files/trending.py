"""Heat: how much a file is looked at lately, as one number that lists can sort by without counting anew.

Every look adds one, and what was added halves in value every HALF_LIFE. Instead of cooling every file all the
time, later looks weigh more: the sum of 2^(moment / HALF_LIFE), kept as its logarithm, so that it never
overflows and the order of any two files never changes while nobody looks.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

HALF_LIFE = timedelta(days=2)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def after_a_look(heat: float, now: datetime) -> float:
    """The heat of a file that was looked at now; 0 is a file that nobody has looked at."""
    fresh = (now - BEGINNING) / HALF_LIFE
    if not heat:
        return fresh
    larger, smaller = max(heat, fresh), min(heat, fresh)
    return larger + math.log2(1 + 2.0 ** (smaller - larger))
