"""Sessions whose cookies cannot be derived from the database, and which end: SESSION_ENGINE names this module.

What belongs here: the signature that is in a session's cookie and not in its row (somebody who reads the
database, or a copy of it, finds keys but has no SECRET_KEY to sign them with), and how long a session lasts.
It ends SESSION_COOKIE_AGE after its last use, and SESSION_MAX_SECONDS after signing in, used or not.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SALT = "accounts.sessions"
# When the session's member signed in, in seconds since 1970.
SIGNED_IN_AT = "signed_in_at"
# A session in use is written as often as this part of its idle time, and not with every request.
STEPS = 24


def signed(key: str) -> str:
    """What the cookie of the session with this key says."""
    return Signer(salt=SALT).sign(key)


def key_of(cookie: str | None) -> str | None:
    """The key in a cookie of ours; None for one that is not. SECRET_KEY_FALLBACKS are good too."""
    try:
        return Signer(salt=SALT).unsign(cookie or "")
    except BadSignature:
        return None


class SessionStore(db.SessionStore):
    """Django's rows, which expire at the earlier of both ends."""

    # When the row that was read expires.
    expires_at: datetime | None = None

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        values: dict[str, Any] = self.decode(row.session_data) if row is not None else {}
        if row is None or _seconds_left(values) <= 0:
            # The next save makes a new key.
            self._session_key = None
            return {}
        self.expires_at = row.expire_date
        return values

    def get_expiry_age(self, **kwargs: Any) -> int:
        return min(super().get_expiry_age(**kwargs), _seconds_left(self))

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        return min(super().get_expiry_date(**kwargs), _end(self))

    def extend(self) -> bool:
        """Let a member's session last longer, now that it is used; return whether the row was written.

        Its values stay as they are: another request may be writing them.
        """
        if self.expires_at is None or SESSION_KEY not in self:
            return False
        end, step = self.get_expiry_date(), timedelta(seconds=settings.SESSION_COOKIE_AGE / STEPS)
        if end - self.expires_at < step:
            return False
        rows = self.model.objects.filter(session_key=self.session_key)
        return bool(rows.update(expire_date=end))


def _end(values: Any) -> datetime:
    """When the session ends, used or not; far in the future where nobody has signed in."""
    if SIGNED_IN_AT not in values:
        return timezone.now() + timedelta(seconds=settings.SESSION_MAX_SECONDS)
    return datetime.fromtimestamp(values[SIGNED_IN_AT] + settings.SESSION_MAX_SECONDS, UTC)


def _seconds_left(values: Any) -> int:
    return int(_end(values).timestamp() - time.time())


class SignedSessions(SessionMiddleware):
    """Django's sessions, by a signed cookie."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the session that the cookie names, or an empty one."""
        request.session = self.SessionStore(
            key_of(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        )

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save or extend the session, and sign the key in its cookie."""
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and cookie.value:
            # The cookie's other words, its path and age, stay.
            response.cookies[settings.SESSION_COOKIE_NAME] = signed(cookie.value)
        elif cookie is None and request.session.accessed:
            session = request.session
            if isinstance(session, SessionStore) and session.extend():
                self._renew(session, response)
        return response

    def _renew(self, session: SessionStore, response: HttpResponse) -> None:
        """Send the cookie again, with its new age; one that goes with the browser needs none."""
        if not session.get_expire_at_browser_close():
            response.set_cookie(
                settings.SESSION_COOKIE_NAME,
                signed(str(session.session_key)),
                max_age=session.get_expiry_age(),
                domain=settings.SESSION_COOKIE_DOMAIN,
                path=settings.SESSION_COOKIE_PATH,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=settings.SESSION_COOKIE_HTTPONLY,
                samesite=settings.SESSION_COOKIE_SAMESITE,
            )
