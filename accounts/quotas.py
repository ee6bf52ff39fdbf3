"""What an account may use, and the counting of what it uses.

Every count is one conditional UPDATE, so a limit holds under any number of requests at once. Storage is
charged in the same transaction that writes the file's row: an aborted upload releases its bytes automatically,
and a killed process leaves nothing to clean up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.errors import AccountSuspended, DailyLimit, StorageFull, UploadsFrozen
from accounts.models import Plan, Usage, User


@dataclass(frozen=True)
class Allowance:
    """The limits that hold for one account, its own before its plan's. Bytes, or counts a day."""

    storage: int
    file: int
    daily_compressions: int


def make_default(plan: Plan) -> None:
    """Make `plan` the default for accounts without a plan."""
    with transaction.atomic():
        Plan.objects.filter(is_default=True).exclude(pk=plan.pk).update(is_default=False)
        Plan.objects.filter(pk=plan.pk).update(is_default=True)


def allowance(user: User) -> Allowance:
    """The limits that hold for `user`."""
    plan = user.effective_plan
    own_storage, own_daily = user.own_storage_limit, user.own_daily_compressions
    return Allowance(
        storage=plan.storage_limit if own_storage is None else own_storage,
        file=plan.file_limit,
        daily_compressions=plan.daily_compressions if own_daily is None else own_daily,
    )


def refuse_if_full(user: User, size: int) -> None:
    """Raise StorageFull where `size` more bytes cannot fit: the cheap look before the work is done.

    Raises UploadsFrozen too: nothing new fits into such an account.
    """
    if user.uploads_frozen:
        raise UploadsFrozen
    limit = allowance(user).storage
    if user.storage_used + size > limit:
        raise StorageFull(limit)


def charge(user: User, size: int) -> None:
    """Count `size` bytes to `user`, or raise StorageFull. Call it inside the row's transaction.

    Raises AccountSuspended or UploadsFrozen too, by what the row says now: `user` was read before the work.
    """
    limit = allowance(user).storage
    may = User.objects.filter(pk=user.pk, suspended_at=None, uploads_frozen=False)
    if may.filter(storage_used__lte=limit - size).update(storage_used=F("storage_used") + size):
        return
    now = User.objects.filter(pk=user.pk).values("suspended_at", "uploads_frozen").first()
    if now is not None and now["suspended_at"] is not None:
        raise AccountSuspended
    if now is not None and now["uploads_frozen"]:
        raise UploadsFrozen
    raise StorageFull(limit)


def give_back(user_id: int, size: int) -> None:
    """Count `size` bytes less to the user. Call it inside the deleting transaction."""
    # Never below nothing: a count that was corrected by hand must not wrap or break a deletion.
    User.objects.filter(pk=user_id).update(storage_used=Greatest(F("storage_used"), size) - size)


def take(user_id: int, size: int) -> None:
    """Count `size` bytes to the user, whatever the limit: for what is put back."""
    User.objects.filter(pk=user_id).update(storage_used=F("storage_used") + size)


@dataclass(frozen=True)
class Today:
    """What is left of a daily allowance. seconds: until the next day begins (UTC)."""

    limit: int
    remaining: int
    seconds: int


# What `Usage` counts.
COMPRESSIONS = "compressions"
IMAGES = "images"


def compressions_today(user: User) -> Today:
    """How many compressions `user` may still have today."""
    now = _now()
    limit = allowance(user).daily_compressions
    rows = Usage.objects.filter(user=user, day=now.date(), metric=COMPRESSIONS)
    used = rows.values_list("count", flat=True).first() or 0
    return Today(limit, max(0, limit - used), _seconds_left(now))


def refuse_if_none_left(user: User) -> None:
    """Raise DailyLimit where today's compressions are used up: the cheap look before the file is."""
    today = compressions_today(user)
    if not today.remaining:
        raise DailyLimit(today.limit, today.seconds)


def count_compression(user: User) -> None:
    """Count one compression to today, or raise DailyLimit. Call it inside the job's transaction."""
    now = _now()
    limit = allowance(user).daily_compressions
    today = _row_of(user, now.date(), COMPRESSIONS)
    if not today.filter(count__lt=limit).update(count=F("count") + 1):
        raise DailyLimit(limit, _seconds_left(now))


def count_images(user: User, number: int) -> None:
    """Count `number` processed images to today."""
    _row_of(user, _now().date(), IMAGES).update(count=F("count") + number)


def images_this_month(user: User) -> int:
    """How many processed images are counted to this month (UTC's)."""
    first = _now().date().replace(day=1)
    rows = Usage.objects.filter(user=user, day__gte=first, metric=IMAGES)
    return rows.aggregate(sum=Sum("count"))["sum"] or 0


def _row_of(user: User, day: date, metric: str) -> QuerySet[Usage]:
    """The only row of that count, created where there is none."""
    rows = Usage.objects.filter(user=user, day=day, metric=metric)
    if not rows.exists():
        # Of two that find none, one makes it; the constraint sees to that.
        Usage.objects.bulk_create([Usage(user=user, day=day, metric=metric)], ignore_conflicts=True)
    return rows


def _now() -> datetime:
    return timezone.now().astimezone(UTC)


def _seconds_left(now: datetime) -> int:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return max(1, round((midnight - now).total_seconds()))
