"""Banning networks, mail domains and words; what a ban keeps out is checked in `admission`."""

from __future__ import annotations

import ipaddress
from datetime import datetime

from django.db import transaction

from hosting import audit
from hosting.audit import Actor, Subject
from hosting.models import Ban


def ban_network(
    address: str, actor: Actor, *, reason: str = "", ends_at: datetime | None = None
) -> Ban:
    """Keep an address out; one of IPv6 with its /64, which is one customer. A ban that is there is extended."""
    found = ipaddress.ip_address(address)
    length = 64 if isinstance(found, ipaddress.IPv6Address) else 32
    value = str(ipaddress.ip_network((found, length), strict=False))
    with transaction.atomic():
        ban, made = Ban.objects.get_or_create(
            kind=Ban.Kind.NETWORK,
            value=value,
            defaults={"reason": reason[:200], "ends_at": ends_at, "made_by": actor.user},
        )
        if not made and ban.ends_at is not None:
            longer = ends_at is None or ends_at > ban.ends_at
            ban.ends_at = ends_at if longer else ban.ends_at
            ban.save(update_fields=["ends_at"])
        ends = ban.ends_at.isoformat() if ban.ends_at is not None else None
        audit.record(actor, "ban", Subject("ban", value), text=reason, after={"ends_at": ends})
    return ban
