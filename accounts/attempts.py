"""Tries at a password, of which only so many are admitted in a while."""

from __future__ import annotations

from django.core.cache import cache


def admitted(name: str, most: int, seconds: int) -> bool:
    """Count one try at what `name` names; False where `most` were made in the last `seconds`.

    Each admitted try takes a place of its own in the cache for that long. A number that is counted up would
    lose tries made at once, and its time would begin anew: Django's incr() is a get() and a set().
    """
    return any(cache.add(f"tries:{name}:{place}", True, seconds) for place in range(most))
