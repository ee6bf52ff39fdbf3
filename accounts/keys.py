"""API keys: making them, and identifying callers by them.

A key reads `live_{8 characters}_{43 characters}` (or `test_…`): the format that IMG Processing's clients
require and that the other three services' clients accept. The last part holds 256 random bits, so a single
SHA-256 is a safe way to store it; the first two parts stay visible in lists.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import (
    AccountSuspended,
    BadEnd,
    BadScopes,
    GuestsRefused,
    InvalidKey,
    MissingScope,
    NoKey,
)
from accounts.models import ApiKey, GuestAccess, User
from accounts.scopes import SCOPES, USUAL, ordered

ALPHABET = string.ascii_letters + string.digits
# 43 characters of 62 hold 256 bits.
SECRET_LENGTH = 43
# "Last used" helps to find forgotten keys: to the minute is enough, and saves a write per call.
LAST_USED_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class Caller:
    """The caller: a member (with or without a key), or a guest (no user)."""

    user: User | None
    key: ApiKey | None = None

    @property
    def is_guest(self) -> bool:
        return self.user is None

    @property
    def is_test(self) -> bool:
        return self.key is not None and self.key.kind == ApiKey.Kind.TEST

    def may(self, scope: str) -> bool:
        """Whether the caller may do this: keys are limited to their scopes, people are not."""
        return self.key is None or self.key.allows(scope)

    def require(self, scope: str) -> None:
        """Raise MissingScope where the caller's key does not have this scope."""
        if not self.may(scope):
            raise MissingScope(scope)

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


def create(
    user: User,
    *,
    name: str,
    kind: str = ApiKey.Kind.LIVE,
    scopes: Iterable[str] | None = None,
    ends_at: datetime | None = None,
    made_by: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for `user`; return its row and the whole key, which cannot be retrieved again.

    scopes: names of SCOPES; None is everything but `account`. A key that another key makes may do no more than
    that one, and ends no later. Raises BadScopes or BadEnd.
    """
    allowed = _scopes(scopes, made_by)
    if ends_at is not None and ends_at <= timezone.now():
        raise BadEnd
    if made_by is not None and made_by.ends_at is not None:
        ends_at = min(ends_at or made_by.ends_at, made_by.ends_at)
    prefix = f"{ApiKey.Kind(kind).value}_{random_text(8)}"
    secret = f"{prefix}_{random_text(SECRET_LENGTH)}"
    row = ApiKey.objects.create(
        user=user, name=name, kind=kind, prefix=prefix, digest=_digest(secret),
        scopes=allowed, ends_at=ends_at, made_by=made_by,
    )  # fmt: skip
    return row, secret


def _scopes(wanted: Iterable[str] | None, made_by: ApiKey | None) -> list[str]:
    most = SCOPES.keys() if made_by is None else set(made_by.scopes)
    if wanted is None:
        wanted = [scope for scope in USUAL if scope in most]
    try:
        chosen = ordered(wanted)
    except ValueError as error:
        raise BadScopes(f"scopes must be one or more of {', '.join(SCOPES)}.") from error
    if not chosen:
        raise BadScopes("A key needs at least one scope.")
    if not most >= set(chosen):
        raise BadScopes("A key cannot give another key scopes that it does not have itself.")
    return chosen


def first_test_key(user: User) -> str:
    """A test key for a member who never had one, else "".

    Every account is entitled to one from the start. It is made when its owner first looks, since the whole key
    can be shown only once and is not stored.
    """
    with transaction.atomic():
        # Of two concurrent requests, one creates it.
        User.objects.select_for_update().get(pk=user.pk)
        if ApiKey.objects.filter(user=user, kind=ApiKey.Kind.TEST).exists():
            return ""
        return create(user, name=str(_("First test key")), kind=ApiKey.Kind.TEST)[1]


def revoke(key: ApiKey) -> int:
    """Revoke `key` and the keys made with it now; return how many ended. Rows stay, so that lists show when.

    Webhooks made with a revoked key get no more events (`hosting.models.Webhook`).
    """
    return _revoke({key.pk})


def revoke_all(user: User) -> int:
    """Revoke every key of `user`; return how many."""
    rows = ApiKey.objects.filter(user=user, revoked_at=None)
    return rows.update(revoked_at=timezone.now())


def _revoke(keys: set[int]) -> int:
    ended, now = 0, timezone.now()
    seen: set[int] = set()
    with transaction.atomic():
        while keys:
            ended += ApiKey.objects.filter(pk__in=keys, revoked_at=None).update(revoked_at=now)
            seen |= keys
            made = ApiKey.objects.filter(made_by__in=keys).values_list("pk", flat=True)
            keys = set(made) - seen
    return ended


def alive(prefix: str = "") -> Q:
    """The condition for keys that are neither revoked nor ended; prefix: the path to them ("made_by__")."""
    endless = Q(**{f"{prefix}ends_at": None}) | Q(**{f"{prefix}ends_at__gt": timezone.now()})
    return Q(**{f"{prefix}revoked_at": None}) & endless


def identify(secret: str | None, ip: str | None = None) -> Caller:
    """The caller that `secret` belongs to: a member's key, or the site's guest key. ip: of the request.

    Raises NoKey for no key, InvalidKey for an unknown key, AccountSuspended, and GuestsRefused for the guest
    key while guests are shut out.
    """
    if not secret:
        raise NoKey
    row = (
        ApiKey.objects.select_related("user", "user__plan")
        .filter(alive(), digest=_digest(secret), user__is_active=True)
        .first()
    )
    if row is not None:
        if row.user.suspended_at is not None:
            raise AccountSuspended
        _touch(row, ip)
        return Caller(user=row.user, key=row)
    guest = Caller(user=None)
    guests = guest.guest_access
    if not hmac.compare_digest(guests.key.encode(), secret.encode("utf-8", "surrogateescape")):
        raise InvalidKey
    if not (guests.enabled and guests.api_enabled):
        raise GuestsRefused
    return guest


def guest_access() -> GuestAccess:
    """The only row of guests' rights, created with a fresh key where there is none yet."""
    row = GuestAccess.objects.first()
    if row is None:
        row, _made = GuestAccess.objects.get_or_create(
            pk=1, defaults={"key": secrets.token_hex(32)}
        )
    return row


def user_named(username: str) -> User:
    """The user with that name, created without a password where there is none."""
    found = get_user_model().objects.filter(username__iexact=username).first()
    return found or get_user_model().objects.create_user(username=username)


def _touch(row: ApiKey, ip: str | None) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_STEP)
    if row.last_used_at is None or row.last_used_at < now - LAST_USED_STEP:
        ApiKey.objects.filter(stale, pk=row.pk).update(last_used_at=now, last_used_from=ip)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
