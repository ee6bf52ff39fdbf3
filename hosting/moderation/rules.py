"""Changing the rules of moderation while the site runs."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from hosting import audit
from hosting.audit import Actor, Subject
from hosting.models import ModerationRules


def change(actor: Actor, **columns: Any) -> ModerationRules:
    """Write these columns of the rules, and log those that differ."""
    with transaction.atomic():
        held = ModerationRules.locked()
        before = {name: getattr(held, name) for name in columns}
        if before != columns:
            ModerationRules.objects.filter(pk=1).update(**columns)
            audit.record(
                actor, "change rules", Subject("rules", "moderation"), before=before, after=columns
            )
    return ModerationRules.current()
