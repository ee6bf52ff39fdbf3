"""The language that the site speaks: of each request, and the switch in every page's footer.

The member's own setting comes first, then the choice in a cookie, then what the browser requests.
Programs are always answered in English, whatever they ask for: they compare texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language
from rest_framework.views import APIView

from accounts.models import User
from hosting.storage.objects import FOLDERS
from hosting.views.visitor import member_of

# The first words of direct links, whose bytes speak no language: no member is looked up for them.
WORDLESS = frozenset(FOLDERS)


class LanguageMiddleware:
    """Answers each visitor in their language. Comes after AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Left behind it, the language would be that of the thread's next request, should that be refused early.
        with translation.override(_language_of(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            language = translation.get_language()
        # Only pages differ by language: a picture that varied by it would be cached once for every browser.
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            response.headers.setdefault("Content-Language", language)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> None:
        """Switch to English where the view is an API's."""
        kind = getattr(view, "cls", None)
        if isinstance(kind, type) and issubclass(kind, APIView):
            # For the answers that a page's script shows to its reader.
            request.reader_language = translation.get_language()  # type: ignore[attr-defined]
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE


# Without a token, so that pages without a form set no cookie for it. A form on another site changes nobody's
# setting: browsers send it without the session (SameSite), and what it changes then is a guest's cookie.
@csrf_exempt
@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """Switch to the form's `language`, and go back to the page at `next`."""
    language, member = request.POST.get(LANGUAGE_QUERY_PARAMETER, ""), member_of(request)
    if member is not None and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=member.pk).update(language=language)
    return set_language(request)


def remember(response: HttpResponseBase, language: str) -> None:
    """Let the browser remember `language`, as the switch does; "" forgets what it remembers."""
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def _language_of(request: HttpRequest) -> str:
    # Without a session there is no member to look up.
    # "OPTIONS *" has a path without a slash.
    is_wordless = request.path_info.removeprefix("/").partition("/")[0] in WORDLESS
    if settings.SESSION_COOKIE_NAME in request.COOKIES and not is_wordless:
        member = member_of(request)
        if member is not None and member.language in dict(settings.LANGUAGES):
            return member.language
    return translation.get_language_from_request(request)
