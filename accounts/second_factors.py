"""Second factors: passkeys that sign in alone or do not, and what taking an account back leaves of all of them.

A mailed link must not undo a second factor, or a stolen mailbox would be enough for any account. But one that
a hijacker added must not stay either. So those that were added within RECENT go (the account's owner was mailed
about each), and older ones stay; passkeys among them need the password too from then on.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User

RECENT = timedelta(days=7)
# In a passkey's data.
SECOND_ONLY = "second_only"
# In a credential: what browsers say of passkeys that cannot be found without a name.
NOT_ALONE = {"clientExtensionResults": {"credProps": {"rk": False}}}


def signs_in_alone(passkey: Authenticator) -> bool:
    """Whether this passkey opens its account without the password."""
    is_second = passkey.data.get(SECOND_ONLY, False) or passkey.wrap().is_passwordless is False
    return not is_second


def passkeys_of(user: User) -> QuerySet[Authenticator]:
    """The passkeys of `user`, the newest first."""
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user)
    return rows.filter(type=Authenticator.Type.WEBAUTHN).order_by("-created_at")


def take_back(user: User) -> int:
    """Remove what was added lately, and let no passkey sign in alone; return how many were removed."""
    with transaction.atomic():
        own = Authenticator.objects.select_for_update().filter(user=user)
        factors = own.exclude(type=Authenticator.Type.RECOVERY_CODES)
        removed: int = factors.filter(created_at__gt=timezone.now() - RECENT).delete()[0]
        if not factors.exists():
            # Recovery codes stand in for another factor.
            own.delete()
        for passkey in factors.filter(type=Authenticator.Type.WEBAUTHN):
            passkey.data[SECOND_ONLY] = True
            passkey.save(update_fields=["data"])
    return removed
