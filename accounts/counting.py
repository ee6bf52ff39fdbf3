"""Counts of what one subject did in the last minute, hour, day, week and month, and the limits that they hold.

One row a subject, written by one conditional UPDATE for all spans: a limit holds under any number of requests
at once. Each span begins with the first thing that is counted, and the next one with the first after it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import WorkCount

SPANS: Mapping[str, timedelta] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}

# The name of a span, and how much it takes; None is no limit.
Limits = Mapping[str, int | None]


def seconds_until(moment: datetime) -> int:
    """Whole seconds until `moment`, at least 1."""
    return max(1, math.ceil((moment - timezone.now()).total_seconds()))


@dataclass(frozen=True)
class Left:
    """What is left of a span after counting one more thing; admitted: whether that is within the limit."""

    span: str
    limit: int
    remaining: int
    ends_at: datetime
    admitted: bool

    @property
    def seconds(self) -> int:
        """Whole seconds until it ends, at least 1."""
        return seconds_until(self.ends_at)


def count(subject: str, limits: Limits) -> Left | None:
    """Count one thing to `subject`; or count nothing and give the span that is spent and ends last."""
    rows = WorkCount.objects.filter(subject=subject)
    # Retried where another request creates the row, or a span ends, in between.
    while True:
        now = timezone.now()
        fits = Q()
        for name, limit in limits.items():
            if limit is not None:
                begins = ~_goes_on(name, now) if limit else Q(pk=None)
                fits &= Q(**{f"{name}_count__lt": limit}) | begins
        if rows.filter(fits).update(**_added(now, 1)):
            return None
        row = rows.first()
        if spent := spent_of(_left(row, limits, now)):
            return spent
        if row is None:
            starts = {f"{name}_start": now for name in SPANS}
            counts = {f"{name}_count": 1 for name in SPANS}
            try:
                with transaction.atomic():
                    WorkCount.objects.create(subject=subject, **starts, **counts)
            except IntegrityError:
                continue
            return None


def add(subject: str, number: int) -> None:
    """Count more things for a subject that has a row, regardless of its limits."""
    WorkCount.objects.filter(subject=subject).update(**_added(timezone.now(), number))


def take_back(subject: str) -> None:
    """Count one thing less for `subject`."""
    counts = {name: f"{name}_count" for name in SPANS}
    less = {column: Greatest(F(column), 1) - 1 for column in counts.values()}
    WorkCount.objects.filter(subject=subject).update(**less)


def look(limits: Mapping[str, Limits]) -> dict[str, list[Left]]:
    """What is left of every limited span, by the subjects in `limits`; nothing is counted."""
    now = timezone.now()
    rows = {row.subject: row for row in WorkCount.objects.filter(subject__in=limits)}
    return {subject: _left(rows.get(subject), own, now) for subject, own in limits.items()}


def spent_of(left: Collection[Left]) -> Left | None:
    """The spent span that ends last: nothing is admitted before that."""
    spent = [one for one in left if not one.admitted]
    return max(spent, key=lambda one: one.ends_at, default=None)


def forget(prefix: str) -> None:
    """Delete the counts of the subjects whose names begin with this."""
    WorkCount.objects.filter(subject__startswith=prefix).delete()


def forget_old() -> int:
    """Delete the counts of which every span is over; return how many."""
    now = timezone.now()
    over = {f"{name}_start__lte": now - span for name, span in SPANS.items()}
    return WorkCount.objects.filter(**over).delete()[0]


def _goes_on(name: str, now: datetime) -> Q:
    return Q(**{f"{name}_start__gt": now - SPANS[name]})


def _added(now: datetime, number: int) -> dict[str, Case]:
    """The columns of a row after adding this many things."""
    columns = {}
    for name in SPANS:
        goes_on, start, counted = _goes_on(name, now), f"{name}_start", f"{name}_count"
        columns[start] = Case(When(goes_on, then=F(start)), default=Value(now))
        columns[counted] = Case(When(goes_on, then=F(counted) + number), default=Value(number))
    return columns


def _left(row: WorkCount | None, limits: Limits, now: datetime) -> list[Left]:
    found = []
    for name, limit in limits.items():
        if limit is None:
            continue
        start, counted = now, 0
        if row is not None and getattr(row, f"{name}_start") > now - SPANS[name]:
            start, counted = getattr(row, f"{name}_start"), getattr(row, f"{name}_count")
        left = limit - counted
        found.append(Left(name, limit, max(0, left - 1), start + SPANS[name], left > 0))
    return found
