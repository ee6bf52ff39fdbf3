"""API keys: making them, and telling from one who asks.

A key reads `live_{8 characters}_{43 characters}` (or `test_…`): the look that IMG Processing's clients
insist on and that the other three services' clients take as it is. The last part holds 256 random bits, so a
single SHA-256 is a safe way to keep it; the first two parts stay visible in lists.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import GuestsRefused, InvalidKey, NoKey
from accounts.models import ApiKey, GuestAccess, User

ALPHABET = string.ascii_letters + string.digits
# 43 characters of 62 hold 256 bits.
SECRET_LENGTH = 43
# "Last used" is for people who look for forgotten keys: to the minute is enough, and spares a write a call.
LAST_USED_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class Caller:
    """Who asks: a member (with or without a key), or a guest (no user)."""

    user: User | None
    key: ApiKey | None = None

    @property
    def is_guest(self) -> bool:
        return self.user is None

    @property
    def is_test(self) -> bool:
        return self.key is not None and self.key.kind == ApiKey.Kind.TEST

    @property
    def is_administrator(self) -> bool:
        return self.user is not None and self.user.is_superuser

    @cached_property
    def guest_access(self) -> GuestAccess:
        """The guests' rights, read once: a caller lives for one request."""
        return guest_access()


def random_text(length: int) -> str:
    """`length` random characters of letters and digits (5.95 bits each)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def create(user: User, *, name: str, kind: str = ApiKey.Kind.LIVE) -> tuple[ApiKey, str]:
    """Make a key for `user`; return its row and the whole key, which cannot be had again."""
    prefix = f"{ApiKey.Kind(kind).value}_{random_text(8)}"
    secret = f"{prefix}_{random_text(SECRET_LENGTH)}"
    row = ApiKey.objects.create(
        user=user, name=name, kind=kind, prefix=prefix, digest=_digest(secret)
    )
    return row, secret


def first_test_key(user: User) -> str:
    """A test key for who never had one, else "".

    Every account has one from the start. It is made when its owner first looks, since the whole key can be
    shown but once and is kept nowhere.
    """
    with transaction.atomic():
        # Of two looks at once, one makes it.
        User.objects.select_for_update().get(pk=user.pk)
        if ApiKey.objects.filter(user=user, kind=ApiKey.Kind.TEST).exists():
            return ""
        return create(user, name=str(_("First test key")), kind=ApiKey.Kind.TEST)[1]


def revoke(key: ApiKey) -> None:
    """End `key` at once; its row stays, so that the list tells when."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def identify(secret: str | None) -> Caller:
    """Tell who holds `secret`: a member's key, or the site's guest key.

    Raises NoKey for nothing, InvalidKey for a key that opens nothing, GuestsRefused for the guest key while
    guests are shut out.
    """
    if not secret:
        raise NoKey
    row = (
        ApiKey.objects.select_related("user", "user__plan")
        .filter(digest=_digest(secret), revoked_at=None, user__is_active=True)
        .first()
    )
    if row is not None:
        _touch(row)
        return Caller(user=row.user, key=row)
    guest = Caller(user=None)
    guests = guest.guest_access
    if not hmac.compare_digest(guests.key.encode(), secret.encode("utf-8", "surrogateescape")):
        raise InvalidKey
    if not (guests.enabled and guests.api_enabled):
        raise GuestsRefused
    return guest


def guest_access() -> GuestAccess:
    """The one row of guests' rights, made with a fresh key where there is none yet."""
    row = GuestAccess.objects.first()
    if row is None:
        row, _made = GuestAccess.objects.get_or_create(
            pk=1, defaults={"key": secrets.token_hex(32)}
        )
    return row


def user_named(username: str) -> User:
    """The user of that name, made without a password where there is none."""
    found = get_user_model().objects.filter(username__iexact=username).first()
    return found or get_user_model().objects.create_user(username=username)


def _touch(row: ApiKey) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_STEP)
    if row.last_used_at is None or row.last_used_at < now - LAST_USED_STEP:
        ApiKey.objects.filter(stale, pk=row.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
