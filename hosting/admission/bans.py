"""Looking up bans of networks, mail domains and words.

By their values, so a ban holds in every process from the moment it is stored until it ends.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from hosting.models import Ban

# Values of one query, below what SQLite takes.
MOST_VALUES = 10_000


def among(kind: str, values: Collection[str]) -> set[str]:
    """Those of the values, as they are stored, that are banned now."""
    sought, found = list(values), set[str]()
    not_ended = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    for start in range(0, len(sought), MOST_VALUES):
        part = sought[start : start + MOST_VALUES]
        rows = Ban.objects.filter(not_ended, kind=kind, value__in=part)
        found.update(rows.order_by().values_list("value", flat=True))
    return found
