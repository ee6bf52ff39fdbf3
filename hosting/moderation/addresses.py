"""Uploaders' addresses: kept for a time, then deleted."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hosting.models import AuditEntry, HostedFile, ModerationRules
from hosting.models.file import FileQuerySet

BATCH = 2000


def forget_old() -> int:
    """Delete the addresses of files uploaded longer ago than the rules keep them; return how many."""
    days = ModerationRules.current().address_days
    if days is None:
        return 0
    until, count = timezone.now() - timedelta(days=days), 0
    AuditEntry.objects.filter(address__isnull=False, created_at__lt=until).update(address=None)
    old = HostedFile.every.filter(uploader_ip__isnull=False, created_at__lt=until).order_by("pk")
    while forgotten := _forget(old):
        count += forgotten
    return count


def _forget(old: FileQuerySet) -> int:
    with transaction.atomic():
        # Locked in order first, as everything that locks several files does: so no two deadlock.
        keys = list(old.select_for_update().values_list("pk", flat=True)[:BATCH])
        return HostedFile.every.filter(pk__in=keys).update(uploader_ip=None)
