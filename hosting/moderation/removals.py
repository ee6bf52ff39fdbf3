"""The staff's bin: what moderators removed can be restored for a while and is then deleted for good."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hosting import audit
from hosting.audit import SYSTEM, Actor, Subject
from hosting.files import deletion
from hosting.models import HostedFile, ModerationRules, Report
from hosting.moderation import outcomes

BATCH = 200
Withheld = HostedFile.Withheld


def purge() -> int:
    """Delete what lies in the bin longer than the rules say; return how many. Locked files stay."""
    until = timezone.now() - timedelta(days=ModerationRules.current().bin_days)
    due, count = Q(withheld=Withheld.REMOVED, removed_at__lte=until), 0
    while batch := list(HostedFile.every.filter(due).select_related("owner")[:BATCH]):
        for file in batch:
            count += _delete(file, SYSTEM, "purge", only=due)
    return count


def destroy(file: HostedFile, actor: Actor, text: str = "") -> bool:
    """Delete a file and its bytes at once, locked or not; False where another deletion came first.

    Who reported it hears that something was done.
    """
    with transaction.atomic():
        HostedFile.every.select_for_update(of=("self",)).filter(pk=file.pk).first()
        reported = Report.objects.filter(file=file, state=Report.State.OPEN)
        outcomes.close(reported, Report.State.UPHELD)
        return _delete(file, actor, "destroy", text=text)


def _delete(
    file: HostedFile, actor: Actor, action: str, *, only: Q | None = None, text: str = ""
) -> bool:
    with transaction.atomic():
        subject, before = Subject.file(file), {"title": file.title, "path": file.path}
        if not deletion.delete(file, only=only):
            return False
        audit.record(actor, action, subject, text=text, before=before)
    return True
