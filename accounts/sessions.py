"""Sessions whose cookies cannot be derived from the database.

What belongs here: the signature that is in a session's cookie and not in its row. Somebody who reads the
database, or a copy of it, finds keys but has no SECRET_KEY to sign them with.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

SALT = "accounts.sessions"


def signed(key: str) -> str:
    """What the cookie of the session with this key says."""
    return Signer(salt=SALT).sign(key)


def key_of(cookie: str | None) -> str | None:
    """The key in a cookie of ours; None for one that is not. SECRET_KEY_FALLBACKS are good too."""
    try:
        return Signer(salt=SALT).unsign(cookie or "")
    except BadSignature:
        return None


class SignedSessions(SessionMiddleware):
    """Django's sessions, by a signed cookie."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the session that the cookie names, or an empty one."""
        request.session = self.SessionStore(
            key_of(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        )

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session, and sign the key in its cookie."""
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and cookie.value:
            # The cookie's other words, its path and age, stay.
            response.cookies[settings.SESSION_COOKIE_NAME] = signed(cookie.value)
        return response
