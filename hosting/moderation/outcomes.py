"""What becomes of reports once something was decided: they are closed, and their senders hear of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from hosting.delivery import links
from hosting.models import Decision, Report

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
        _send("reminder", moderator.email, moderator.language, number=number,
              link=links.absolute(reverse("reports")))  # fmt: skip


def _mail(keys: list[int]) -> None:
    for report in Report.objects.filter(pk__in=keys).select_related("reporter", "reason"):
        member = report.reporter
        address = report.email or (member.email if member is not None else "")
        if address:
            language = member.language if member is not None else ""
            _send("outcome", address, language, report=report,
                  upheld=report.state == Report.State.UPHELD)  # fmt: skip


def _send(name: str, address: str, language: str, **context: object) -> None:
    with translation.override(language or settings.LANGUAGE_CODE):
        values = {"site_name": settings.SITE_NAME, **context}
        subject = render_to_string(f"hosting/mail/{name}_subject.txt", values)
        body = render_to_string(f"hosting/mail/{name}.txt", values)
    EmailMessage(" ".join(subject.split()), body, to=[address]).send(fail_silently=True)
