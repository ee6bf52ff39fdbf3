"""A member's page of what moderators decided about their files and account, and the appeal of a decision."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from hosting import plain_text
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.models import Decision
from hosting.models.moderation import TEXT_LENGTH
from hosting.moderation import decisions
from hosting.moderation import notices as all_notices
from hosting.views.member import own

PER_PAGE = 20


@login_required
@never_cache
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first; seen from now on."""
    user = own.member(request)
    rows = all_notices.of(user).select_related("reason", "file")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = [
        {
            "decision": decision,
            "past": all_notices.past_of(decision),
            "is_appealable": all_notices.is_appealable(decision),
        }
        for decision in page
    ]
    unseen = Decision.objects.filter(pk__in=[decision.pk for decision in page], seen_at=None)
    unseen.update(seen_at=timezone.now())
    context = {"page": page, "notices": shown, "longest": TEXT_LENGTH, "member": user}
    return render(request, "hosting/settings/notices.html", context)


@login_required
@require_POST
def appeal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Appeal one decision, once."""
    decision = get_object_or_404(all_notices.of(own.member(request)), public_id=public_id)
    text = plain_text.paragraphs(request.POST.get("text", ""))[:TEXT_LENGTH]
    if not text:
        messages.error(request, _("Say why the decision should be changed."))
        return redirect("notices")
    try:
        decisions.appeal(decision, text)
        messages.success(request, _("Your appeal was sent. A moderator will look at it."))
    except HostingError as error:
        messages.error(request, translated(error.message))
    return redirect("notices")
