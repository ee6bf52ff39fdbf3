"""How many requests an account's live keys, and its test keys, may make in a minute, and the counting of them.

A minute begins with its first request; the next one begins with the first request after it. A request is
counted by one conditional UPDATE, so the limit holds under any number of requests at once. All keys of a kind
share one count, which the account's first key of that kind carries: more keys are no more requests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts.errors import RateLimited
from accounts.keys import Caller
from accounts.models import ApiKey

MINUTE = timedelta(minutes=1)


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
