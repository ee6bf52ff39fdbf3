"""Likes: a member likes a file or no longer does; the file's count is kept beside it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from accounts.models import User
from hosting.models import HostedFile, Like


def like(user: User, file: HostedFile) -> bool:
    """Put the member's heart on `file`; False where it is there already."""
    with transaction.atomic():
        _, made = Like.objects.get_or_create(user=user, file=file)
        if made:
            HostedFile.objects.filter(pk=file.pk).update(likes=F("likes") + 1)
    return made


def unlike(user: User, file: HostedFile) -> bool:
    """Take the member's heart away; False where there is none."""
    with transaction.atomic():
        gone, _ = Like.objects.filter(user=user, file=file).delete()
        if gone:
            HostedFile.objects.filter(pk=file.pk, likes__gt=0).update(likes=F("likes") - 1)
    return bool(gone)


def withdraw_all(user: User) -> None:
    """Take all the member's hearts away, and out of the counts of what they were on."""
    with transaction.atomic():
        hearts = Like.objects.filter(user=user)
        liked = HostedFile.objects.filter(pk__in=hearts.values("file"), likes__gt=0)
        liked.update(likes=F("likes") - 1)
        hearts.delete()


def liked_by(user: User | None, files: list[HostedFile]) -> set[int]:
    """The keys of those of `files` that the member likes."""
    if user is None:
        return set()
    liked = Like.objects.filter(user=user, file__in=files)
    return set(liked.values_list("file_id", flat=True))
