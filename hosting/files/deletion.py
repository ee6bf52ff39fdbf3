"""Taking files away: the row first, in a transaction, and its bytes once that is final."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import quotas
from hosting.catalogue import search
from hosting.models import HostedFile
from hosting.models.delete_token import digest_of
from hosting.storage import objects
from hosting.webhooks import outbox

# So many rows in one transaction: other writers wait no longer than these take.
BATCH = 200


def delete(file: HostedFile, *, only: Q | None = None) -> bool:
    """Delete the row, its variants and every stored byte, and give the owner the room back.

    What is deleted is the row as it is now, whatever `file` still says of its bytes. only: where that holds of
    the row. False where it does not, or somebody else was quicker.
    """
    with transaction.atomic():
        # Locked: of two deletions at once only one gives the room back, and its bytes stay the same.
        rows = HostedFile.objects.select_for_update(of=("self",)).filter(only or Q())
        held = rows.filter(pk=file.pk).first()
        if held is None:
            return False
        paths = [held.path, *held.variants.values_list("path", flat=True)]
        # The account before the album, whose cover it may be: an upload locks them in that order too.
        if held.owner_id is not None:
            quotas.give_back(held.owner_id, held.charged)
        HostedFile.objects.filter(pk=held.pk).delete()
        search.forget([held.pk])
        outbox.file_deleted(held)
        transaction.on_commit(partial(_remove, paths))
    return True


def delete_many(files: Iterable[HostedFile], *, only: Q | None = None) -> int:
    """Delete each of `files` (of which `only` still holds); return how many."""
    return sum(1 for file in files if delete(file, only=only))


def delete_expired() -> int:
    """Delete what is past its time; return how many files that were."""
    total, now = 0, timezone.now()
    while batch := list(HostedFile.objects.expired(now).order_by("expires_at")[:BATCH]):
        # Whoever just gave one more time keeps it.
        total += delete_many(batch, only=Q(expires_at__lte=now))
    return total


def opens(file: HostedFile, token: str) -> bool:
    """Whether `token` is the file's delete token."""
    return bool(file.delete_digest) and hmac.compare_digest(file.delete_digest, digest_of(token))


def _remove(paths: list[str]) -> None:
    for path in paths:
        objects.remove(path)
