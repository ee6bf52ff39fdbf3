"""What becomes of reports once something was decided: they are closed, and their senders hear of it."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from hosting.delivery import links
from hosting.models import Decision, Report
from hosting.moderation import mails

# Decisions that agree with a report, and one that does not; others leave reports open.
UPHOLDING = frozenset({"reject", "remove", "lock", "mark_nsfw"})
DISMISSING = frozenset({"approve"})


def settle(decision: Decision) -> None:
    """Close the open reports of the file that was decided, in the transaction of the decision."""
    if decision.action in UPHOLDING:
        state = Report.State.UPHELD
    elif decision.action in DISMISSING:
        state = Report.State.DISMISSED
    else:
        return
    rows = Report.objects.filter(file=decision.file, state=Report.State.OPEN)
    close(rows, state, decision)


def close(rows: QuerySet[Report], state: str, decision: Decision | None = None) -> int:
    """Close these open reports, and mail their senders once this has committed; return how many."""
    keys = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    Report.objects.filter(pk__in=keys).update(
        state=state, decided_at=timezone.now(), decision=decision
    )
    if keys:
        transaction.on_commit(lambda: _mail(keys), robust=True)
    return len(keys)


def mail_moderators(number: int) -> None:
    """Remind everybody who may decide that reports wait."""
    right = Permission.objects.filter(
        codename="change_hostedfile", content_type__app_label="hosting"
    )
    staff = User.objects.filter(is_staff=True, is_active=True).exclude(email="")
    rights = Q(user_permissions__in=right) | Q(groups__permissions__in=right)
    for moderator in staff.filter(Q(is_superuser=True) | rights).distinct():
        mails.send(
            "reminder",
            moderator.email,
            moderator.language,
            number=number,
            link=links.absolute(reverse("reports")),
        )


def _mail(keys: list[int]) -> None:
    for report in Report.objects.filter(pk__in=keys).select_related("reporter", "reason"):
        member = report.reporter
        address = report.email or (member.email if member is not None else "")
        if address:
            language = member.language if member is not None else ""
            mails.send(
                "outcome",
                address,
                language,
                report=report,
                upheld=report.state == Report.State.UPHELD,
            )
