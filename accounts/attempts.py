"""Limiting attempts at a password within a time."""

from __future__ import annotations

from django.core.cache import cache


def admitted(name: str, most: int, seconds: int) -> bool:
    """Count one attempt for `name`; False where `most` were made in the last `seconds`.

    Each admitted attempt takes its own entry in the cache for that long. A counter would lose concurrent
    attempts, and its time would start over: Django's incr() is a get() and a set().
    """
    return any(cache.add(f"tries:{name}:{place}", True, seconds) for place in range(most))
