"""Uploaders' addresses: kept for a time, then deleted."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from hosting.models import AuditEntry, HostedFile, ModerationRules

BATCH = 2000


def forget_old() -> int:
    """Delete the addresses of files uploaded longer ago than the rules keep them; return how many."""
    days = ModerationRules.current().address_days
    if days is None:
        return 0
    until, count = timezone.now() - timedelta(days=days), 0
    AuditEntry.objects.filter(address__isnull=False, created_at__lt=until).update(address=None)
    old = HostedFile.every.filter(uploader_ip__isnull=False, created_at__lt=until).order_by("pk")
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        count += HostedFile.every.filter(pk__in=keys).update(uploader_ip=None)
    return count
