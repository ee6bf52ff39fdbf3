"""Receivers of allauth's signals that write the account log. allauth offers no other way to learn of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as socialaccount
from django.conf import settings
from django.dispatch import Signal
from django.http import HttpRequest

from accounts import events, external
from accounts.models import AccountEvent, User

Kind = AccountEvent.Kind

# Each signal with the kind of its event; all carry `request`, and `user` or `email_address`.
SIGNALS: Mapping[Signal, Kind] = {
    account.user_signed_up: Kind.SIGNED_UP,
    account.user_logged_in: Kind.SIGNED_IN,
    account.user_logged_out: Kind.SIGNED_OUT,
    account.password_set: Kind.PASSWORD_CHANGED,
    account.password_changed: Kind.PASSWORD_CHANGED,
    account.password_reset: Kind.PASSWORD_RESET,
    account.email_added: Kind.EMAIL_ADDED,
    account.email_confirmed: Kind.EMAIL_CONFIRMED,
    account.email_changed: Kind.EMAIL_CHANGED,
    account.email_removed: Kind.EMAIL_REMOVED,
    socialaccount.social_account_added: Kind.LOGIN_CONNECTED,
    socialaccount.social_account_removed: Kind.LOGIN_REMOVED,
    mfa.authenticator_added: Kind.FACTOR_ADDED,
    mfa.authenticator_removed: Kind.FACTOR_REMOVED,
    mfa.authenticator_reset: Kind.FACTOR_RESET,
}


def connect() -> None:
    """Connect to SIGNALS."""
    for signal in SIGNALS:
        signal.connect(_record, dispatch_uid="accounts.allauth_events")
    mfa.authentication_failed.connect(_record_failure, dispatch_uid="accounts.allauth_events")


def _record(signal: Signal, request: HttpRequest | None = None, **values: Any) -> None:
    address = values.get("email_address") or values.get("to_email_address")
    # Carried by a login that has connected it, or by itself.
    login = values.get("sociallogin")
    row = values.get("socialaccount") or getattr(login, "account", None)
    user = values.get("user") or getattr(address or row, "user", None)
    # Closing an account signs out of one that no longer exists.
    if not isinstance(user, User) or user.pk is None:
        return
    detail = ""
    if address is not None:
        detail = address.email
    elif row is not None:
        detail = f"{settings.OIDC_NAME}: {external.name_of(row)}"
    elif "authenticator" in values:
        detail = _name(values["authenticator"])
    elif signal is account.user_logged_in and request is not None:
        detail = _way_in(request, user)
    events.record(user, SIGNALS[signal], request, detail)


def _record_failure(request: HttpRequest, user: User, **_: Any) -> None:
    events.record_failure(user, Kind.FACTOR_FAILED, request)


def _name(authenticator: Authenticator) -> str:
    """Its kind, and the name that its owner gave a passkey."""
    kind = str(authenticator.get_type_display())
    is_named = authenticator.type == Authenticator.Type.WEBAUTHN
    return f"{kind}: {authenticator.wrap().name}" if is_named else kind


def _way_in(request: HttpRequest, user: User) -> str:
    """The passkey that was used instead of a password, or "" for a password."""
    last = (get_authentication_records(request, user) or [{}])[-1]
    if last.get("passwordless"):
        used = Authenticator.objects.filter(user=user, pk=last["id"]).first()
        return _name(used) if used is not None else ""
    return ""
