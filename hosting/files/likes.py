"""Likes: a member likes or unlikes a file; the file's count is kept up to date."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from accounts.models import User
from hosting.models import HostedFile, Like


def like(user: User, file: HostedFile) -> bool:
    """Record the member's like of `file`; False where there already is one."""
    with transaction.atomic():
        _, made = Like.objects.get_or_create(user=user, file=file)
        if made:
            HostedFile.every.filter(pk=file.pk).update(likes=F("likes") + 1)
    return made


def unlike(user: User, file: HostedFile) -> bool:
    """Remove the member's like; False where there is none."""
    with transaction.atomic():
        gone, _ = Like.objects.filter(user=user, file=file).delete()
        if gone:
            HostedFile.every.filter(pk=file.pk, likes__gt=0).update(likes=F("likes") - 1)
    return bool(gone)


def withdraw_all(user: User) -> None:
    """Remove all the member's likes, and subtract them from the files' counts."""
    with transaction.atomic():
        hearts = Like.objects.filter(user=user)
        # Locked in order first, as everything that locks several files does: so no two deadlock.
        liked = HostedFile.every.filter(pk__in=hearts.values("file"), likes__gt=0)
        list(liked.select_for_update().order_by("pk").values_list("pk", flat=True))
        liked.update(likes=F("likes") - 1)
        hearts.delete()


def liked_by(user: User | None, files: list[HostedFile]) -> set[int]:
    """The keys of the `files` that the member likes."""
    if user is None:
        return set()
    liked = Like.objects.filter(user=user, file__in=files)
    return set(liked.values_list("file_id", flat=True))
