"""Closing an account for good, at its owner's request."""

from __future__ import annotations

from accounts import attempts
from accounts.models import User
from hosting.errors import HostingError
from hosting.files import likes, resumable
from hosting.files.deletion import BATCH, delete_many
from hosting.jobs import state
from hosting.models import HostedFile, Job, PartialUpload, Privacy

# Wrong passwords for one account, and for how long they count: a session left open must not allow guessing one.
TRIES, TRIES_SECONDS = 10, 600


def count_try(user: User) -> None:
    """Count one attempt to close the account. Raises HostingError after too many."""
    if not attempts.admitted(f"closing:{user.pk}", TRIES, TRIES_SECONDS):
        raise HostingError("rate_limited")


def close(user: User) -> None:
    """Delete the account with its files, albums, keys and jobs.

    Sign-in is blocked first; an administrator deletes what a crash leaves. Raises HostingError for the last
    administrator, without whom the site could not be run.
    """
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        raise HostingError("last_administrator")
    User.objects.filter(pk=user.pk).update(is_active=False)
    delete_user(user)


def delete_user(user: User) -> None:
    """Delete an account with everything that belongs to it."""
    state.delete_all(Job.objects.filter(owner=user))
    resumable.discard_all(PartialUpload.objects.filter(owner=user))
    # What moderators locked is kept, as nobody's: its owner cannot destroy it.
    locked = HostedFile.every.filter(owner=user, withheld=HostedFile.Withheld.LOCKED)
    locked.update(owner=None, album=None, privacy=Privacy.PRIVATE)
    delete_many(HostedFile.every.filter(owner=user).iterator(BATCH))
    likes.withdraw_all(user)
    user.delete()
