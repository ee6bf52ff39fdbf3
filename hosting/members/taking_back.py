"""Taking an account back: everything made before the owner proved ownership is revoked.

A password reset proves it, and so does the first confirmation of an email address: before that, anybody may
have signed up with somebody else's address. A member who had no address, and adds and confirms a first one
with the password just given, takes nothing back: all that was made is the member's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, password_reset
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import events, external, keys, recent, second_factors
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
    factors: int
    connections: int

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def __str__(self) -> str:
        return ", ".join(f"{kind}: {number}" for kind, number in vars(self).items() if number)


def end_access(user: User, *, but: str | None = None, connection: str | None = None) -> Ended:
    """End all sessions of `user`, revoke all keys, switch off all webhooks, remove recent second factors, and
    disconnect accounts of elsewhere.

    but: a session key that stays. connection: the uid of an account of elsewhere that stays.
    """
    with transaction.atomic():
        ended_keys = keys.revoke_all(user)
        webhooks = registration.disable_all(user, DISABLED)
        factors = second_factors.take_back(user)
        connections = external.disconnect_all(user, but=connection)
    sessions = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    count = 0
    for session in sessions:
        session.end()
        count += 1
    return Ended(count, ended_keys, webhooks, factors, connections)


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
    if is_own and _was_added_to(user, email_address) and not others and recent.is_recent(request):
        return
    # A member who confirms while signed in controls both the account and the mailbox.
    own = request.session.session_key if is_own else None
    used = external.used_by(request, user) if is_own else None
    _take_back(request, user, end_access(user, but=own, connection=used))


def _was_added_to(user: User, address: EmailAddress) -> bool:
    """Whether the account got this address later, by its password, and not when it was signed up."""
    added = AccountEvent.objects.filter(user=user, kind=AccountEvent.Kind.EMAIL_ADDED)
    return added.filter(detail=address.email[: AccountEvent.DETAIL_LENGTH]).exists()


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
    if ended.connections:
        messages.warning(request, _("Connected accounts have been disconnected too."))
    if ended.factors:
        text = _("Second factors that were added in the last week have been removed too.")
        messages.warning(request, text)
    get_adapter(request).send_notification_mail(MAIL, user, {"ended": ended})
