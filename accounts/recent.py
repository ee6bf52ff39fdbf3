"""Whether a session's member signed in, or gave the password or a second factor again, a short time ago."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest


@reauthentication_required(app="allauth.account")
def require(_: HttpRequest) -> None:
    """Raise ReauthenticationRequired where it was not; allauth's middleware makes a page of it that asks.

    The body is empty because a decorator is the only public form of allauth's check.
    """


def is_recent(request: HttpRequest) -> bool:
    """Whether it was."""
    try:
        require(request)
    except ReauthenticationRequired:
        return False
    return True
