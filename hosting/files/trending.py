"""Heat: how much a file has been viewed lately, as one number that lists can sort by without recounting.

Every view adds one, and its value halves every HALF_LIFE. Instead of decaying every file all the time, later
views weigh more: the sum of 2^(moment / HALF_LIFE), kept as its logarithm, so that it never overflows and
the order of any two files never changes without a view.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

HALF_LIFE = timedelta(days=2)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def after_a_look(heat: float, now: datetime) -> float:
    """The heat of a file after a view now; 0 is a file that has not been viewed."""
    fresh = (now - BEGINNING) / HALF_LIFE
    if not heat:
        return fresh
    larger, smaller = max(heat, fresh), min(heat, fresh)
    return larger + math.log2(1 + 2.0 ** (smaller - larger))
