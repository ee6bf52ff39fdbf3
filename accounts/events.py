"""The log of what happened to an account: rows of AccountEvent are added here and changed nowhere.

What allauth does is recorded from its signals (`allauth_events`); what the site itself does calls `record`.
Strangers cause failures, so these are counted in a bounded number of rows: `record_failure`.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from accounts import client_ip
from accounts.models import AccountEvent, User

KEPT = timedelta(days=365)
FAILURES_KEPT = timedelta(days=30)
# Failures of one address within this time are one row. A day has so many rows, and one for all further ones:
# more would push what happened to the account off the first page of its log.
FAILURES_SPAN = timedelta(hours=1)
MOST_ROWS, ROWS_SPAN = 10, timedelta(days=1)


def record(user: User, kind: str, request: HttpRequest | None, detail: str = "") -> AccountEvent:
    """Add an event of `user`; request: where it came from, None for a command on the server."""
    agent = request.headers.get("User-Agent", "") if request is not None else ""
    return AccountEvent.objects.create(
        user=user,
        kind=AccountEvent.Kind(kind),
        detail=detail[: AccountEvent.DETAIL_LENGTH],
        ip=client_ip.address_of(request) if request is not None else None,
        user_agent=agent[: AccountEvent.AGENT_LENGTH],
    )


def record_failure(user: User, kind: str, request: HttpRequest) -> None:
    """Count a wrong password or code for `user`: in the row of its address, or in that of all others."""
    now = timezone.now()
    recent = AccountEvent.objects.filter(
        user=user, kind=AccountEvent.Kind(kind), created_at__gt=now - ROWS_SPAN
    )
    own = recent.filter(ip=client_ip.address_of(request), detail="")
    if own.filter(created_at__gt=now - FAILURES_SPAN).update(count=F("count") + 1):
        return
    if recent.count() < MOST_ROWS:
        record(user, kind, request)
    elif not recent.exclude(detail="").update(count=F("count") + 1):
        record(user, kind, request, AccountEvent.OTHER_ADDRESSES)


def delete_old() -> int:
    """Delete rows older than KEPT, and failures older than FAILURES_KEPT; return how many."""
    now, failures = timezone.now(), Q(kind__in=AccountEvent.FAILURES)
    old = Q(created_at__lt=now - KEPT) | failures & Q(created_at__lt=now - FAILURES_KEPT)
    return AccountEvent.objects.filter(old).delete()[0]
