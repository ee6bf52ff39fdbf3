"""`manage.py check_audit_log`: whether the log of what staff did is as it was written."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hosting import audit
from hosting.models import AuditEntry


class Command(BaseCommand):
    help = (
        "Check that no entry of the audit log was changed, removed or inserted. Prints the number of entries "
        "and a fingerprint: keep it elsewhere, and entries cut off at the end show too."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if (wrong := audit.verify()) is not None:
            raise CommandError(f"Entry {wrong.number} ({wrong}) is not what was recorded there.")
        self.stdout.write(f"{AuditEntry.objects.count()} entries, all right: {audit.fingerprint()}")
