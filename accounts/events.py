"""The log of what happened to an account: rows of AccountEvent are added here and changed nowhere.

What allauth does is recorded from its signals (`allauth_events`); what the site itself does calls `record`.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from accounts import client_ip
from accounts.models import AccountEvent, User

KEPT = timedelta(days=365)


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


def delete_old() -> int:
    """Delete rows older than KEPT; return how many."""
    return AccountEvent.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
