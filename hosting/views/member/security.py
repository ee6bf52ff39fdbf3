"""A member's page about access to the account: sessions, keys, and the log of its events."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import external, keys, second_factors
from accounts.models import AccountEvent, ApiKey
from hosting.views.member import own

PER_PAGE = 50


@login_required
@never_cache
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """All of it on one page; the log continues with ?page=2."""
    user = own.member(request)
    events = Paginator(AccountEvent.objects.filter(user=user), PER_PAGE)
    context = {
        "sessions": sorted(
            UserSession.objects.purge_and_list(user),
            key=lambda session: (session.is_current(), session.created_at),
            reverse=True,
        ),
        "passkeys": second_factors.passkeys_of(user),
        "connected": external.connected(user),
        "keys": ApiKey.objects.filter(keys.alive(), user=user),
        "events": events.get_page(request.GET.get("page")),
    }
    return render(request, "hosting/settings/security.html", context)
