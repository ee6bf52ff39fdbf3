"""The moderation queue: what waits, the oldest first, and who is looking at which part of it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from hosting.models import Claim, HostedFile
from hosting.models.file import FileQuerySet

# How long a moderator has what the page shows; anything done on the page extends it.
CLAIMED_FOR = timedelta(minutes=10)
AT_ONCE = 24
# More are not counted: the number is to be seen at a glance.
MOST_COUNTED = 10_000


def waiting() -> FileQuerySet:
    """All files that wait, the oldest first."""
    rows = HostedFile.objects.alive().filter(review=HostedFile.Review.WAITING)
    return rows.order_by("created_at", "pk")


def count() -> int:
    """How many wait, up to MOST_COUNTED."""
    return waiting()[:MOST_COUNTED].count()


def take(moderator: User, number: int = AT_ONCE) -> list[HostedFile]:
    """Claim the oldest `number` of waiting files that no other moderator is looking at, and return them."""
    now = timezone.now()
    Claim.objects.filter(until__lt=now).delete()
    with transaction.atomic():
        own = Claim.objects.filter(moderator=moderator, file__in=waiting())
        missing = number - own.count()
        if missing > 0:
            # Two moderators who ask at once get different files: what one has locked, the other skips.
            rows = waiting().filter(claim=None).select_for_update(of=("self",), skip_locked=True)
            Claim.objects.bulk_create(
                (
                    Claim(file=file, moderator=moderator, until=now + CLAIMED_FOR)
                    for file in rows[:missing]
                ),
                ignore_conflicts=True,
            )
        own.update(until=now + CLAIMED_FOR)
    files = waiting().filter(claim__moderator=moderator)
    return list(files.select_related("owner", "album").prefetch_related("variants")[:number])


def release(moderator: User) -> None:
    """Let others have what this moderator was looking at."""
    Claim.objects.filter(moderator=moderator).delete()
