"""A page about one member for moderators: files, reports, decisions, notes, and what can be decided."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from hosting import audit, plain_text
from hosting.audit import Subject, by_site
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.models import Decision, HostedFile, Reason, Report, StaffNote
from hosting.models.moderation import TEXT_LENGTH
from hosting.moderation import decisions, notices
from hosting.moderation.actions import MEMBER_ACTIONS
from hosting.views.member import own
from hosting.views.moderation.acting import moderators_only, refuse_undoing
from hosting.views.moderation.queue import counts

NEWEST = 24


@moderators_only
@require_safe
def member(request: HttpRequest, username: str) -> HttpResponse:
    """What staff know of a member; their keys, mail and settings are not here."""
    subject = _member(username)
    files = HostedFile.every.filter(owner=subject)
    made = Decision.objects.filter(member=subject).select_related("reason", "made_by")
    context = {
        "member": subject,
        "files": files.prefetch_related("variants").order_by("-created_at", "-pk")[:NEWEST],
        "reports": Report.objects.filter(file__owner=subject).select_related("reason")[:NEWEST],
        "decisions": [(one, notices.label_of(one)) for one in made[:NEWEST]],
        "notes": StaffNote.objects.filter(member=subject).select_related("written_by")[:NEWEST],
        "actions": {} if subject.is_staff else MEMBER_ACTIONS,
        "reasons": Reason.objects.filter(is_active=True),
        "longest": TEXT_LENGTH,
        **counts(),
    }
    return render(request, "hosting/moderation/member.html", context)


@moderators_only
@require_POST
def decide_of_member(request: HttpRequest, username: str) -> HttpResponse:
    """Do one of MEMBER_ACTIONS, undo a decision, or write a note."""
    moderator, subject = own.member(request), _member(username)
    action, text = request.POST.get("action", ""), request.POST.get("text", "")
    text = plain_text.paragraphs(text)[:TEXT_LENGTH]
    try:
        if action == "note":
            _note(moderator, subject, text)
        elif not moderator.has_perm("hosting.moderate_members"):
            raise PermissionDenied
        elif action == "undo":
            id = request.POST.get("decision", "")
            made = get_object_or_404(Decision, member=subject, public_id=id)
            refuse_undoing(moderator, made)
            decisions.undo(made, by_site(moderator))
        elif action in MEMBER_ACTIONS:
            code = request.POST.get("reason", "")
            reason = Reason.objects.filter(code=code, is_active=True).first()
            decisions.decide_of_member(
                subject, action, by_site(moderator), reason=reason, text=text
            )
        else:
            raise HostingError("invalid_action")
        messages.success(request, _("Done."))
    except HostingError as error:
        messages.error(request, translated(error.message))
    return redirect("moderated-member", subject.username)


def _member(username: str) -> User:
    return get_object_or_404(User, username__iexact=username)


def _note(moderator: User, subject: User, text: str) -> None:
    if not moderator.has_perm("hosting.add_staffnote"):
        raise PermissionDenied
    if text:
        StaffNote.objects.create(member=subject, text=text, written_by=moderator)
        audit.record(by_site(moderator), "add note", Subject.member(subject), text=text)
