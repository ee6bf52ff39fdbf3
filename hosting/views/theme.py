"""Light or dark: the system's setting, until the visitor chooses one for this browser."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hosting.forms import THEMES

COOKIE = "theme"
KEPT_SECONDS = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """The visitor's choice in this browser; "" where there is none, or an unknown one."""
    theme = request.COOKIES.get(COOKIE, "")
    return theme if theme in THEMES else ""


def keep_theme(response: HttpResponse, theme: str) -> None:
    """Let the browser remember it."""
    if not theme:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    response.set_cookie(
        COOKIE,
        theme,
        max_age=KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


# Every page has this form. A token in it would give every guest a cookie before anything is chosen, and a
# forged request from another site could only change the colours.
@csrf_exempt
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember `theme`, and go back to the page of this site that asked."""
    theme, back = request.POST.get("theme", ""), request.POST.get("next", "")
    if theme not in THEMES:
        raise Http404
    # Without the slash it could be taken for a view's name.
    own = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = redirect(back if own else "home")
    keep_theme(response, theme)
    return response
