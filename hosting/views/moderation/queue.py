"""The queue's page, and every decision that moderators make outside the admin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from hosting import plain_text
from hosting.admission import content
from hosting.audit import Actor, by_site
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.models import Decision, HostedFile, Reason, Report
from hosting.models.moderation import TEXT_LENGTH
from hosting.models.public_id import make_public_id
from hosting.moderation import bans, decisions, notices, queue
from hosting.moderation.actions import FILE_ACTIONS
from hosting.views.member import own
from hosting.views.moderation.acting import moderators_only

# One request decides of no more: a transaction each, and a bucket takes its time.
MOST_AT_ONCE = 200
# How long a guest's address is kept out by "Ban".
GUEST_BAN = timedelta(days=7)
BAN, BAN_CONTENT = "ban", "ban_content"
LAST_BATCH = "moderation_last_batch"


@moderators_only
@require_safe
def moderation(request: HttpRequest) -> HttpResponse:
    """The oldest files that wait; ?part=cards gives those alone, for the script to add."""
    moderator = own.member(request)
    context = _context(request, queue.take(moderator))
    template = "queue" if request.GET.get("part") != "cards" else "cards"
    return render(request, f"hosting/moderation/{template}.html", context)


@moderators_only
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Decide of the files named, with a reason where one is given."""
    moderator = own.member(request)
    actor, action = by_site(moderator), request.POST.get("action", "")
    ids = request.POST.getlist("file")[:MOST_AT_ONCE]
    if one := request.POST.get("one", ""):
        # A card's own button names its file, whatever is selected.
        action, id = one.partition(" ")[::2]
        ids = [id]
    files = HostedFile.every.select_related("owner", "album").filter(public_id__in=ids)
    reason = Reason.objects.filter(code=request.POST.get("reason", ""), is_active=True).first()
    text = plain_text.paragraphs(request.POST.get("text", ""))[:TEXT_LENGTH]
    try:
        if action == BAN:
            made = _ban(moderator, actor, list(files), reason, text)
        elif action == BAN_CONTENT:
            made = _ban_content(moderator, actor, list(files), reason, text)
        else:
            _refuse_without_right(moderator, action)
            made = decisions.decide_each(files, action, actor, reason=reason, text=text)
    except HostingError as error:
        return _answer(request, error=translated(error.message))
    if made:
        request.session[LAST_BATCH] = made[0].batch
    return _answer(request, made)


@moderators_only
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the last thing that this moderator decided, or the batch named."""
    moderator = own.member(request)
    batch = request.POST.get("batch") or request.session.get(LAST_BATCH, "")
    own_batch = Decision.objects.filter(batch=batch, made_by=moderator, undone_at=None)
    if not (batch and own_batch.exists() and decisions.undo_batch(batch, by_site(moderator))):
        return _answer(request, error=_("There is nothing to undo."))
    request.session.pop(LAST_BATCH, None)
    if _wants_json(request):
        context = _context(request, queue.take(moderator))
        cards = render_to_string("hosting/moderation/cards.html", context, request)
        return JsonResponse({"cards": cards, "waiting": queue.count()})
    messages.success(request, _("Taken back."))
    return _back(request)


@moderators_only
@require_safe
def appeals(request: HttpRequest) -> HttpResponse:
    """The decisions that owners appealed, the oldest first."""
    rows = Decision.objects.filter(appeal=Decision.Appeal.OPEN).order_by("appealed_at", "pk")
    rows = rows.select_related("member", "reason", "made_by", "file").prefetch_related(
        "file__variants"
    )
    context = {"appeals": [_appealed(decision) for decision in rows[:100]], **counts()}
    return render(request, "hosting/moderation/appeals.html", context)


@moderators_only
@require_POST
def answer_appeal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Grant an appeal, which takes the decision back, or let the decision stand."""
    actor = by_site(own.member(request))
    decision = Decision.objects.filter(public_id=public_id, appeal=Decision.Appeal.OPEN).first()
    try:
        if decision is None:
            raise HostingError("conflict.appealed")
        if not decision.file_public_id:
            _refuse_without(own.member(request), "moderate_members")
        if request.POST.get("answer") == "grant":
            decisions.undo(decision, actor)
            messages.success(request, _("Granted: the decision was taken back."))
        else:
            text = plain_text.paragraphs(request.POST.get("text", ""))[:TEXT_LENGTH]
            decisions.deny_appeal(decision, actor, text)
            messages.success(request, _("Denied: the decision stands."))
    except HostingError as error:
        messages.error(request, translated(error.message))
    return redirect("appeals")


def _ban(
    moderator: User, actor: Actor, files: Sequence[HostedFile], reason: Reason | None, text: str
) -> list[Decision]:
    """Suspend the owners, or keep the guests' addresses out for a while; the files are rejected."""
    _refuse_without(moderator, "moderate_members")
    ends_at = timezone.now() + GUEST_BAN
    owners = {file.owner.pk: file.owner for file in files if file.owner is not None}
    addresses = {file.uploader_ip for file in files if file.owner is None and file.uploader_ip}
    batch = make_public_id()
    made = [
        decisions.decide_of_member(owner, "suspend", actor, reason=reason, text=text, batch=batch)
        for owner in owners.values()
    ]
    for address in addresses:
        bans.ban_network(address, actor, reason=reason.label if reason else text, ends_at=ends_at)
    guests = [file for file in files if file.owner is None]
    return made + decisions.decide_each(
        guests, "reject", actor, reason=reason, text=text, batch=batch
    )


def _ban_content(
    moderator: User, actor: Actor, files: Sequence[HostedFile], reason: Reason | None, text: str
) -> list[Decision]:
    """Remove the files, and refuse their bytes and their pictures from now on."""
    for right in ("delete_hostedfile", "add_bannedcontent"):
        _refuse_without(moderator, right)
    for file in files:
        picture = bytes(file.perceptual_hash) if file.perceptual_hash else None
        why = reason.label if reason is not None else text
        content.ban(actor, digest=file.content_hash, picture=picture, reason=why[:200])
    return decisions.decide_each(files, "remove", actor, reason=reason, text=text)


def _refuse_without_right(moderator: User, action: str) -> None:
    if action not in FILE_ACTIONS:
        raise HostingError("invalid_action")
    _refuse_without(moderator, FILE_ACTIONS[action].right)


def _refuse_without(moderator: User, right: str) -> None:
    if not moderator.has_perm(f"hosting.{right}"):
        raise PermissionDenied


def _context(request: HttpRequest, files: Sequence[HostedFile]) -> dict[str, Any]:
    return {
        "files": files,
        "reasons": Reason.objects.filter(is_active=True),
        "sees_addresses": request.user.has_perm("hosting.see_addresses"),
        **counts(),
    }


def counts() -> dict[str, int]:
    """What the tabs of these pages count."""
    appeals = Decision.objects.filter(appeal=Decision.Appeal.OPEN).count()
    reported = Report.objects.filter(state=Report.State.OPEN).count()
    return {"waiting": queue.count(), "open_appeals": appeals, "open_reports": reported}


def _appealed(decision: Decision) -> dict[str, Any]:
    # A file that was removed does not come by the relation of every day.
    file = HostedFile.every.prefetch_related("variants").filter(decisions=decision.pk).first()
    return {"decision": decision, "label": notices.label_of(decision), "file": file}


def _answer(request: HttpRequest, made: Sequence[Decision] = (), error: str = "") -> HttpResponse:
    if _wants_json(request):
        content = (
            {"decided": len(made), "waiting": queue.count()} if not error else {"error": error}
        )
        return JsonResponse(content, status=200 if not error else 400)
    if error:
        messages.error(request, error)
    else:
        text = ngettext("%(count)d file decided.", "%(count)d files decided.", len(made))
        messages.success(request, text % {"count": len(made)})
    return _back(request)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _back(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, None):
        return redirect(back)
    return redirect("moderation")
