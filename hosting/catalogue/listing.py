"""Lists of files: which ones, in which order, a page at a time.

Pages are found by the last row of the one before (a cursor), never by counting rows over: the thousandth page
costs what the first one does.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import F, Model, Q, QuerySet

from hosting.errors import HostingError
from hosting.models import HostedFile

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Order:
    """Descending by `field`, and by the key where that is the same. dated: the field holds moments."""

    field: str
    dated: bool = False


# The orders that people can choose.
ORDERS: Mapping[str, Order] = {
    "recent": Order("created_at", dated=True),
    "popular": Order("views"),
    "liked": Order("likes"),
    "trending": Order("heat"),
    "largest": Order("size"),
}

# The filters that people can choose.
KINDS: Mapping[str, Q] = {
    "all": Q(),
    "images": Q(kind=HostedFile.Kind.IMAGE),
    "videos": Q(kind=HostedFile.Kind.VIDEO),
    "animated": Q(kind=HostedFile.Kind.IMAGE, frames__gt=1),
}


# From this many rows on it is quicker to walk a list in its order than to sort them (see `among`).
COMMON = 1000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursors of the previous and next pages; None where there is no such page."""

    items: list[Row]
    next: str | None
    previous: str | None


def page(
    rows: QuerySet[Row], *, cursor: str = "", size: int = 30, order: Order = ORDERS["recent"]
) -> Page[Row]:
    """One page of `rows`: the first, or the one at `cursor`.

    Raises HostingError for an invalid cursor.
    """
    backwards, value, key = _read(cursor, order) if cursor else (False, None, None)
    wanted = rows
    if cursor:
        beyond = "gt" if backwards else "lt"
        # The first half lets an index find the place; the second breaks ties.
        wanted = rows.filter(
            Q(**{f"{order.field}__{beyond}": value})
            | Q(**{order.field: value, f"pk__{beyond}": key})
        ).filter(**{f"{order.field}__{beyond}e": value})
    sign = "" if backwards else "-"
    found = list(wanted.order_by(f"{sign}{order.field}", f"{sign}pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    after = (more and not backwards) or (backwards and bool(found))
    before = (more and backwards) or (bool(cursor) and not backwards and bool(found))
    return Page(
        items=found,
        next=_cursor(found[-1], order, backwards=False) if after else None,
        previous=_cursor(found[0], order, backwards=True) if before else None,
    )


def among(rows: QuerySet[Row], keys: Any, *, many: bool) -> QuerySet[Row]:
    """The `rows` whose key is in the subquery `keys`; `many`: whether they are more than COMMON.

    A few are looked up and sorted. With many, the list is walked in its order until a page is full:
    PostgreSQL's planner does so anyway; SQLite would use every key that it can look up, and the sum prevents
    that (224 ms become 37 for a word that all of 100,000 files have, 18 become 1 for one in twenty).
    """
    if not many or connection.vendor != "sqlite":
        return rows.filter(pk__in=keys)
    walked = cast("QuerySet[Row]", rows.alias(walked_key=F("pk") + 0))
    return walked.filter(walked_key__in=keys)


def cursor_after(row: Model, order: Order) -> str:
    """The cursor of the page that begins after `row`."""
    return _cursor(row, order, backwards=False)


def _cursor(row: Model, order: Order, *, backwards: bool) -> str:
    value = getattr(row, order.field)
    values = value.isoformat() if isinstance(value, datetime) else value
    text = json.dumps([int(backwards), values, row.pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, order: Order) -> tuple[bool, Any, int]:
    try:
        text = base64.urlsafe_b64decode(cursor[:300] + "=" * (-len(cursor) % 4))
        backwards, value, key = json.loads(text)
        if order.dated:
            value = datetime.fromisoformat(value)
            if value.tzinfo is None:
                raise ValueError(cursor)
            # At the ends of the calendar the moment does not exist in the database's time zone.
            value = value.astimezone(UTC)
        elif (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise ValueError(cursor)
        if isinstance(key, bool) or not isinstance(key, int) or abs(key) >= 2**63:
            raise ValueError(cursor)
        return bool(backwards), value, key
    except (ValueError, TypeError, OverflowError) as error:
        raise HostingError("invalid_cursor") from error
