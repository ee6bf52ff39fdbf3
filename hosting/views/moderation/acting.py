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
