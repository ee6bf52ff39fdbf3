"""Taking files away: the row first, in a transaction, and its bytes once that is final."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import partial

from django.db import transaction

from accounts import quotas
from accounts.models import User
from hosting import jobs, resumable, search, storage, webhooks
from hosting.models import Album, HostedFile, Job, PartialUpload
from hosting.uploads import digest_of

# So many rows in one transaction: other writers wait no longer than these take.
BATCH = 200


def delete(file: HostedFile) -> bool:
    """Delete the row, its variants and every stored byte, and give the owner the room back.

    False where somebody else was quicker.
    """
    with transaction.atomic():
        # Locked by the DELETE itself: of two deletions at once only one gives the room back.
        paths = [file.path, *file.variants.values_list("path", flat=True)]
        rows = HostedFile.objects.filter(pk=file.pk)
        row = rows.select_for_update().values("owner_id", "charged").first()
        if row is None:
            return False
        rows.delete()
        search.forget([file.pk])
        if row["owner_id"] is not None:
            quotas.give_back(row["owner_id"], row["charged"])
        webhooks.file_deleted(file)
        transaction.on_commit(partial(_remove, paths))
    return True


def delete_many(files: Iterable[HostedFile]) -> int:
    """Delete each of `files`; return how many."""
    return sum(1 for file in files if delete(file))


def delete_expired() -> int:
    """Delete what is past its time; return how many files that were."""
    total = 0
    while batch := list(HostedFile.objects.expired().order_by("expires_at")[:BATCH]):
        total += delete_many(batch)
    return total


def delete_album(album: Album) -> None:
    """Delete an album with the files and the albums in it."""
    for child in album.children.all():
        delete_album(child)
    delete_many(album.files.iterator(BATCH))
    album.delete()


def delete_user(user: User) -> None:
    """Delete an account with everything that belongs to it."""
    jobs.delete_all(Job.objects.filter(owner=user))
    resumable.discard_all(PartialUpload.objects.filter(owner=user))
    delete_many(HostedFile.objects.filter(owner=user).iterator(BATCH))
    user.delete()


def opens(file: HostedFile, token: str) -> bool:
    """Whether `token` is the file's delete token."""
    return bool(file.delete_digest) and hmac.compare_digest(file.delete_digest, digest_of(token))


def _remove(paths: list[str]) -> None:
    for path in paths:
        storage.remove(path)
