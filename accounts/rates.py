"""How much may be done in a while, and the counting of it: requests of keys, and work.

Work is what costs the machine something: an upload by whatever way, a processing call, a job. Members count by
account, guests by address (IPv6: the /64) and all together, in the five spans of `counting`.

Requests of keys are counted beside it, by the minute: all keys of a kind share one count, which the account's
first key of that kind carries. More keys are no more requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts import counting
from accounts.client_ip import network_of
from accounts.counting import SPANS, Left, Limits, seconds_until
from accounts.errors import RateLimited, TooMuchWork
from accounts.keys import Caller
from accounts.models import ApiKey, WorkLimits

MINUTE = timedelta(minutes=1)
SAID: Mapping[str, str] = {
    "minute": "a minute",
    "hour": "an hour",
    "day": "a day",
    "week": "a week",
    "month": "in 30 days",
}
# Each multiple of this many pixels (times frames) beyond the first counts as another piece of work.
PIXELS_A_PIECE = 50_000_000
GUESTS = "guests"


@dataclass(frozen=True)
class Window:
    """What is left of the minute.

    admitted: whether the request that asked may go on. ends_at: when the next minute may begin.
    """

    limit: int
    remaining: int
    ends_at: datetime
    admitted: bool

    @property
    def seconds(self) -> int:
        """Whole seconds until it ends, at least 1."""
        return seconds_until(self.ends_at)

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


def count_work(caller: Caller, address: str | None) -> None:
    """Count one piece of work to the caller, a guest by `address`. Raises TooMuchWork; then nothing counts.

    Call it before the work is done.
    """
    # What one subject was counted for is undone where the next one refuses.
    with transaction.atomic():
        for subject, limits in _subjects(caller, address).items():
            _refuse(subject, counting.count(subject, limits))


def charge_pixels(caller: Caller, address: str | None, pixels: int) -> None:
    """Count what a file of `pixels` (times frames) costs beyond the one piece counted at its start.

    The work is done, so nothing is refused: it counts against later work.
    """
    if (more := (pixels - 1) // PIXELS_A_PIECE) > 0:
        for subject in _subjects(caller, address):
            counting.add(subject, more)


def refuse_if_spent(caller: Caller, address: str | None) -> Left | None:
    """The cheap look before a body is read: raise TooMuchWork where no more work is admitted now.

    Gives the span of which the least is left once this piece has counted; None where nothing limits it.
    """
    if not (limits := _subjects(caller, address)):
        return None
    found = counting.look(limits)
    for subject, left in found.items():
        _refuse(subject, counting.spent_of(left))
    spans = [one for left in found.values() for one in left]
    return min(spans, key=lambda one: (one.remaining, -one.seconds), default=None)


def _subjects(caller: Caller, address: str | None) -> dict[str, Limits]:
    """Whom the caller's work is counted to, a guest's by `address`, and what each may have done."""
    if (user := caller.user) is not None:
        return {} if user.is_unmetered else {f"user {user.pk}": _limits(user.effective_plan)}
    guests = caller.guest_access
    total = {"hour": guests.total_per_hour, "day": guests.total_per_day}
    return {f"address {network_of(address)}": _limits(guests), GUESTS: total}


def _limits(row: WorkLimits) -> Limits:
    return {name: getattr(row, f"uploads_per_{name}") for name in SPANS}


def _refuse(subject: str, spent: Left | None) -> None:
    """Raise TooMuchWork where a span is spent."""
    if spent is None:
        return
    if subject == GUESTS:
        text = "The site cannot accept more from guests right now. Try again later, or sign in."
    else:
        text = f"Too many uploads: at most {spent.limit:,} {SAID[spent.span]}. Try again later."
    raise TooMuchWork(text, spent.limit, spent.seconds)
