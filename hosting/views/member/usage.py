"""How much of everything a member uses: storage by kind, uploads and processing day by day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import quotas
from accounts.models import Usage, User
from hosting.models import HostedFile
from hosting.views.member import own
from hosting.views.presenting import charts

DAYS = 30


@login_required
@never_cache
@require_safe
def usage(request: HttpRequest) -> HttpResponse:
    """Storage and what was done in the last thirty days, as charts with tables behind them."""
    user = own.member(request)
    allowance = quotas.allowance(user)
    kinds = _by_kind(user)
    context = {
        "used": user.storage_used,
        "limit": allowance.storage,
        "left": max(0, allowance.storage - user.storage_used),
        "percent": min(100, round(100 * user.storage_used / max(1, allowance.storage))),
        "file_limit": allowance.file,
        "plan": user.effective_plan.name,
        "kinds": kinds,
        "parts": charts.parts([(one["name"], one["size"]) for one in kinds], allowance.storage),
        "compressions": quotas.compressions_today(user),
        "images": quotas.images_this_month(user),
        "charts": _days(user),
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
    }
    return render(request, "hosting/dashboard/usage.html", context)


def _by_kind(user: User) -> list[dict[str, Any]]:
    """Files and charged bytes of each kind, with kept originals among their file's."""
    rows = HostedFile.objects.filter(owner=user).order_by("kind")
    totals = rows.values_list("kind").annotate(count=Count("pk"), size=Sum("charged"))
    found = {kind: (count, size) for kind, count, size in totals}
    names = {
        HostedFile.Kind.IMAGE: _("Pictures"),
        HostedFile.Kind.VIDEO: _("Videos"),
        HostedFile.Kind.DOCUMENT: _("Documents"),
    }
    return [
        {
            "key": kind.value,
            "name": name,
            "count": found.get(kind, (0, 0))[0],
            "size": found.get(kind, (0, 0))[1] or 0,
        }
        for kind, name in names.items()
    ]


def _days(user: User) -> list[dict[str, Any]]:
    """What was done on each of the last days (UTC's), as charts."""
    today = timezone.now().astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    uploads = (
        HostedFile.objects.filter(
            owner=user, created_at__gte=timezone.now() - timedelta(days=DAYS + 1)
        )
        .order_by()
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day")
        .annotate(count=Count("pk"))
    )
    counted = {"uploads": Counter(dict(uploads))}
    for metric in (quotas.COMPRESSIONS, quotas.IMAGES):
        rows = Usage.objects.filter(user=user, metric=metric, day__gte=days[0])
        counted[metric] = Counter(dict(rows.values_list("day", "count")))
    titles = {
        "uploads": _("New files"),
        quotas.COMPRESSIONS: _("Compressions"),
        quotas.IMAGES: _("Images of the IMG Processing API"),
    }
    activity = []
    for key, title in titles.items():
        by_day = [(day, counted[key][day]) for day in days]
        activity.append(
            {
                "key": key,
                "title": title,
                "bars": charts.columns(by_day),
                "sum": sum(value for _day, value in by_day),
                "highest": max(value for _day, value in by_day),
                "first": days[0],
                "last": days[-1],
            }
        )
    return activity
