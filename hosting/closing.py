"""Closing an account for good, at its owner's own word."""

from __future__ import annotations

from accounts.models import User
from hosting import deletion, tries
from hosting.errors import HostingError

# Wrong passwords for one account, and for how long they count: a forgotten session is no way to guess one.
TRIES, TRIES_SECONDS = 10, 600


def count_try(user: User) -> None:
    """Count one try to close the account. Raises HostingError after too many."""
    if not tries.admitted(f"closing:{user.pk}", TRIES, TRIES_SECONDS):
        raise HostingError("rate_limited", "Too many tries. Try again in ten minutes.", "password")


def close(user: User) -> None:
    """Delete the account with its files, albums, keys and jobs.

    Nobody gets in any more from the first moment; what a crash leaves, an administrator deletes. Raises
    HostingError for the last administrator, without whom nobody could run the site.
    """
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        raise HostingError(
            "last_administrator", "You are the only administrator: name another one first."
        )
    User.objects.filter(pk=user.pk).update(is_active=False)
    deletion.delete_user(user)
