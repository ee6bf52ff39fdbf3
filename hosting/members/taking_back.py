"""Taking an account back: everything made before the owner proved ownership is revoked.

A password reset proves it, and so does the first confirmation of an email address: before that, anybody may
have signed up with somebody else's address. A member who had no address, and adds and confirms a first one
with the password just given, takes nothing back: all that was made is the member's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, password_reset
from allauth.core.exceptions import ReauthenticationRequired
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import events, keys, second_factors
from accounts.models import AccountEvent, User
from hosting.webhooks import registration

DISABLED = "It was made before the account was taken back."
MAIL = "account/email/access_ended"


@dataclass(frozen=True)
class Ended:
    """How many of each kind were revoked."""

    sessions: int
    keys: int
    webhooks: int
    factors: int = 0

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def __str__(self) -> str:
        return ", ".join(f"{kind}: {number}" for kind, number in vars(self).items() if number)


def end_access(user: User, *, but: str | None = None) -> Ended:
    """End all sessions of `user`, revoke all keys, switch off all webhooks, remove recent second factors.

    but: a session key that stays.
    """
    with transaction.atomic():
        ended_keys = keys.revoke_all(user)
        webhooks = registration.disable_all(user, DISABLED)
        factors = second_factors.take_back(user)
    sessions = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    count = 0
    for session in sessions:
        session.end()
        count += 1
    return Ended(count, ended_keys, webhooks, factors)


def connect() -> None:
    """Connect to allauth's signals that prove the owner."""
    password_reset.connect(_on_reset, dispatch_uid="hosting.members.taking_back")
    email_confirmed.connect(_on_confirmation, dispatch_uid="hosting.members.taking_back")


def _on_reset(request: HttpRequest, user: User, **_: Any) -> None:
    _take_back(request, user, end_access(user))


def _on_confirmation(request: HttpRequest, email_address: EmailAddress, **_: Any) -> None:
    user = email_address.user
    others = EmailAddress.objects.filter(user=user).exclude(pk=email_address.pk)
    if others.filter(verified=True).exists():
        return
    is_own = request.user == user
    if is_own and _was_added_to(user, email_address) and not others and _is_recent(request):
        return
    # A member who confirms while signed in controls both the account and the mailbox.
    own = request.session.session_key if is_own else None
    _take_back(request, user, end_access(user, but=own))


def _was_added_to(user: User, address: EmailAddress) -> bool:
    """Whether the account got this address later, by its password, and not when it was signed up."""
    added = AccountEvent.objects.filter(user=user, kind=AccountEvent.Kind.EMAIL_ADDED)
    return added.filter(detail=address.email[: AccountEvent.DETAIL_LENGTH]).exists()


def _is_recent(request: HttpRequest) -> bool:
    """Whether the session's member gave the password or second factor recently."""
    try:
        _asking_again(request)
    except ReauthenticationRequired:
        return False
    return True


@reauthentication_required(app="allauth.account")
def _asking_again(_: HttpRequest) -> None:
    """The view that the decorator guards: allauth's check has no other public form."""


def _take_back(request: HttpRequest, user: User, ended: Ended) -> None:
    """Log it, and report on the page and by mail what was revoked."""
    if not ended:
        return
    events.record(user, AccountEvent.Kind.ACCESS_ENDED, request, str(ended))
    messages.warning(
        request,
        _(
            "For your safety, all earlier access has ended: %(sessions)d sessions, "
            "%(keys)d API keys and %(webhooks)d webhooks. Create new keys where you need them."
        )
        % {"sessions": ended.sessions, "keys": ended.keys, "webhooks": ended.webhooks},
    )
    if ended.factors:
        text = _("Second factors that were added in the last week have been removed too.")
        messages.warning(request, text)
    get_adapter(request).send_notification_mail(MAIL, user, {"ended": ended})
