"""The moderators' page of what visitors reported, and the counts of it."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hosting.audit import by_site
from hosting.models import Album, HostedFile, Reason
from hosting.moderation import reports as use_cases
from hosting.views.member import own
from hosting.views.moderation.acting import moderators_only
from hosting.views.moderation.queue import counts


@moderators_only
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What is reported, the gravest first; each file can be decided there."""
    context = {
        "reported": use_cases.open_ones(),
        "reasons": Reason.objects.filter(is_active=True),
        "back": request.path,
        **counts(),
    }
    return render(request, "hosting/moderation/reports.html", context)


@moderators_only
@require_POST
def close(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Close the reports of a file or an album: it stays, or, of an album, something was done about it."""
    actor = by_site(own.member(request))
    if kind == "file":
        file = get_object_or_404(HostedFile.every.select_related("owner"), public_id=public_id)
        use_cases.dismiss(file, actor)
    elif kind == "album":
        album = get_object_or_404(Album.objects.select_related("owner"), public_id=public_id)
        if request.POST.get("outcome") == "upheld":
            use_cases.uphold(album, actor)
        else:
            use_cases.dismiss(album, actor)
    else:
        raise Http404
    messages.success(request, _("The reports were closed."))
    return redirect("reports")


@moderators_only
@require_safe
def counts_csv(request: HttpRequest) -> HttpResponse:
    """How many reports there were, by month, reason and outcome, for a transparency report."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="reports.csv"'
    writer = csv.writer(response)
    writer.writerow(["month", "reason", "state", "reports"])
    writer.writerows(use_cases.by_month())
    return response
