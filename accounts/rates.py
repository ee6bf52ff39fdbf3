"""How much may be done in a while, and the counting of it: requests of keys, and work.

Work is what costs the machine something: an upload by whatever way, a processing call, a job. Members count by
account, guests by address (IPv6: the /64) and all together. It counts in five spans at once, in one row a
subject and by one conditional UPDATE, so a limit holds under any number of requests at once. Each span begins
with its first piece of work, and the next one with the first after it.

Requests of keys are counted beside it, by the minute: all keys of a kind share one count, which the account's
first key of that kind carries. More keys are no more requests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts.client_ip import network_of
from accounts.errors import RateLimited, TooMuchWork
from accounts.keys import Caller, guest_access
from accounts.models import ApiKey, User, WorkCount, WorkLimits

MINUTE = timedelta(minutes=1)
SPANS: Mapping[str, timedelta] = {
    "minute": MINUTE,
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
SAID: Mapping[str, str] = {
    "minute": "a minute",
    "hour": "an hour",
    "day": "a day",
    "week": "a week",
    "month": "in 30 days",
}
# Every so many pixels (times frames) that a file has beyond its first count as one piece of work more.
PIXELS_A_PIECE = 50_000_000
GUESTS = "guests"

# The name of a span, and how much it takes; None is no limit.
Limits = Mapping[str, int | None]


@dataclass(frozen=True)
class Window:
    """What is left of a span.

    admitted: whether the request that asked may go on. ends_at: when the next one may begin.
    """

    limit: int
    remaining: int
    ends_at: datetime
    admitted: bool

    @property
    def seconds(self) -> int:
        """Whole seconds until it ends, at least 1."""
        return max(1, math.ceil((self.ends_at - timezone.now()).total_seconds()))

    def refuse_if_spent(self) -> None:
        """Raise RateLimited where the request came too many."""
        if not self.admitted:
            raise RateLimited(self.limit, self.seconds)


def limit_of(caller: Caller) -> int:
    """Requests a minute of the caller's keys, by their kind and their owner's plan; 0 for guests."""
    if caller.user is None:
        return 0
    plan = caller.user.effective_plan
    return plan.test_requests_per_minute if caller.is_test else plan.live_requests_per_minute


def count_request(key: ApiKey, limit: int) -> Window:
    """Count one request of `key`, of which `limit` a minute are admitted to it and the account's others of its
    kind together; refused ones do not count.
    """
    now = timezone.now()
    goes_on = Q(window_start__gt=now - MINUTE)
    fits = ~goes_on | Q(window_start=None) | Q(window_count__lt=limit)
    first = ApiKey.objects.filter(user=key.user_id, kind=key.kind).order_by("pk").values("pk")[:1]
    rows = ApiKey.objects.filter(pk__in=first)
    admitted = limit > 0 and rows.filter(fits).update(
        window_start=Case(When(goes_on, then=F("window_start")), default=Value(now)),
        window_count=Case(When(goes_on, then=F("window_count") + 1), default=Value(1)),
    )
    start, count = rows.values_list("window_start", "window_count").first() or (now, limit)
    return Window(limit, max(0, limit - count), (start or now) + MINUTE, bool(admitted))


def count_work(user: User | None, address: str | None) -> None:
    """Count one piece of work to `user`, or to the guest at `address`. Raises TooMuchWork; then nothing counts.

    Call it before the work is done.
    """
    # What one subject was counted for is undone where the next one refuses.
    with transaction.atomic():
        for subject, limits in _subjects(user, address):
            _count(subject, limits)


def charge_pixels(user: User | None, address: str | None, pixels: int) -> None:
    """Count what a file of so many pixels (times frames) costs beyond the one piece that it began as.

    The work is done, so nothing is refused: it counts to what comes next.
    """
    more = (pixels - 1) // PIXELS_A_PIECE
    if more <= 0:
        return
    now = timezone.now()
    for subject, _limits in _subjects(user, address):
        WorkCount.objects.filter(subject=subject).update(**_added(now, more))


def refuse_if_spent(user: User | None, address: str | None) -> Window | None:
    """The cheap look before a body is read: raise TooMuchWork where no more work is admitted now.

    Gives the span of which the least is left once this piece has counted; None where nothing limits it.
    """
    limits = dict(_subjects(user, address))
    if not limits:
        return None
    now = timezone.now()
    rows = {row.subject: row for row in WorkCount.objects.filter(subject__in=limits)}
    windows = []
    for subject, own in limits.items():
        found = _windows(rows.get(subject), own, now)
        _refuse(subject, found)
        windows += found.values()
    return min(windows, key=lambda one: (one.remaining, -one.seconds), default=None)


def forget_old() -> int:
    """Delete the counts of which every span is over; return how many."""
    now = timezone.now()
    over = {f"{name}_start__lte": now - span for name, span in SPANS.items()}
    return WorkCount.objects.filter(**over).delete()[0]


def _subjects(user: User | None, address: str | None) -> list[tuple[str, Limits]]:
    """Whom the work of `user`, or of the guest at `address`, is counted to, and what each may have done."""
    if user is not None:
        return [] if user.is_unmetered else [(f"user {user.pk}", _limits(user.effective_plan))]
    guests = guest_access()
    total = {"hour": guests.total_per_hour, "day": guests.total_per_day}
    return [(f"address {network_of(address)}", _limits(guests)), (GUESTS, total)]


def _limits(row: WorkLimits) -> Limits:
    return {name: getattr(row, f"uploads_per_{name}") for name in SPANS}


def _goes_on(name: str, now: datetime) -> Q:
    return Q(**{f"{name}_start__gt": now - SPANS[name]})


def _added(now: datetime, pieces: int) -> dict[str, Case]:
    """The columns of a row to which so many pieces are added."""
    columns = {}
    for name in SPANS:
        goes_on, start, count = _goes_on(name, now), f"{name}_start", f"{name}_count"
        columns[start] = Case(When(goes_on, then=F(start)), default=Value(now))
        columns[count] = Case(When(goes_on, then=F(count) + pieces), default=Value(pieces))
    return columns


def _count(subject: str, limits: Limits) -> None:
    rows = WorkCount.objects.filter(subject=subject)
    # Once more where another request makes the row, or a span ends, in between.
    while True:
        now = timezone.now()
        fits = Q()
        for name, limit in limits.items():
            if limit is not None:
                fits &= Q(**{f"{name}_count__lt": limit}) | (
                    ~_goes_on(name, now) if limit else Q(pk=None)
                )
        if rows.filter(fits).update(**_added(now, 1)):
            return
        row = rows.first()
        _refuse(subject, _windows(row, limits, now))
        if row is None:
            starts = {f"{name}_start": now for name in SPANS}
            counts = {f"{name}_count": 1 for name in SPANS}
            try:
                with transaction.atomic():
                    WorkCount.objects.create(subject=subject, **starts, **counts)
            except IntegrityError:
                continue
            return


def _windows(row: WorkCount | None, limits: Limits, now: datetime) -> dict[str, Window]:
    """What is left of each span that has a limit, once one more piece has counted."""
    found = {}
    for name, limit in limits.items():
        if limit is None:
            continue
        start, count = now, 0
        if row is not None and getattr(row, f"{name}_start") > now - SPANS[name]:
            start, count = getattr(row, f"{name}_start"), getattr(row, f"{name}_count")
        left = limit - count
        found[name] = Window(limit, max(0, left - 1), start + SPANS[name], left > 0)
    return found


def _refuse(subject: str, windows: Mapping[str, Window]) -> None:
    """Raise TooMuchWork by the spent span that ends last: until then nothing helps."""
    spent = [(one.ends_at, name, one) for name, one in windows.items() if not one.admitted]
    if spent:
        _ends_at, name, window = max(spent, key=lambda one: one[:2])
        raise _refusal(subject, name, window.limit, window.seconds)


def _refusal(subject: str, span: str, limit: int, seconds: int) -> TooMuchWork:
    if subject == GUESTS:
        text = (
            "The site has taken as much from guests as it may for now. Try again later, or sign in."
        )
    else:
        text = f"Too many uploads: at most {limit:,} {SAID[span]}. Try again later."
    return TooMuchWork(text, limit, seconds)
