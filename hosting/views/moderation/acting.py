"""Who may see the moderators' pages, and act on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.models import User
from hosting.models import Decision
from hosting.moderation.actions import action_of
from hosting.views.visitor import member_of

View = Callable[..., HttpResponse]


def moderators_only(view: View) -> View:
    """Let in staff who may change files, with their second factor where the site asks for one."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = member_of(request)
        if member is None:
            return redirect_to_login(request.get_full_path())
        if not member.is_staff or not member.has_perm("hosting.change_hostedfile"):
            raise PermissionDenied
        if not admin.site.has_permission(request):
            # The administration's own sign-in leads to what is missing.
            return redirect("admin:login")
        return view(request, *args, **kwargs)

    return guarded


def refuse_undoing(moderator: User, decision: Decision) -> None:
    """Raise PermissionDenied where `moderator` may not take `decision` back, or answer an appeal of it.

    It takes the right that the decision took; and what others decided of a moderator's own is for others.
    """
    is_anothers = decision.made_by_id != moderator.pk
    concerns_them = decision.member_id == moderator.pk and is_anothers
    if concerns_them and not moderator.is_superuser:
        raise PermissionDenied
    if not moderator.has_perm(f"hosting.{action_of(decision).right}"):
        raise PermissionDenied
