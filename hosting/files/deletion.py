"""Deleting files: the row first, in a transaction, and the bytes once that has committed."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import quotas
from hosting.catalogue import search
from hosting.models import HostedFile, Report
from hosting.models.delete_token import digest_of
from hosting.storage import objects
from hosting.webhooks import outbox

# Rows per transaction: other writers wait no longer than these take.
BATCH = 200


def delete(file: HostedFile, *, only: Q | None = None) -> bool:
    """Delete the row, its variants and every stored byte, and release the owner's storage.

    The row is read again first: `file` may be out of date about its bytes. only: a condition that the row must
    still meet. Returns False where it does not, or where another deletion came first.
    """
    with transaction.atomic():
        # Locked: of two concurrent deletions only one releases the storage, and the bytes cannot change.
        rows = HostedFile.every.select_for_update(of=("self",)).filter(only or Q())
        held = rows.filter(pk=file.pk).first()
        if held is None:
            return False
        paths = [held.path, *held.variants.values_list("path", flat=True)]
        # The account before the album, whose cover it may be: an upload locks them in that order too.
        if held.owner_id is not None:
            quotas.give_back(held.owner_id, held.charged)
        # Nobody can decide of it any more; what was decided stays.
        Report.objects.filter(file=held, state=Report.State.OPEN).delete()
        HostedFile.every.filter(pk=held.pk).delete()
        search.forget([held.pk])
        outbox.file_deleted(held)
        transaction.on_commit(partial(_remove, paths))
    return True


def delete_own(file: HostedFile) -> bool:
    """As delete(), for its owner or whoever has its secret link: what moderators withhold is kept."""
    return delete(file, only=Q(withheld=HostedFile.Withheld.NO))


def delete_many(files: Iterable[HostedFile], *, only: Q | None = None) -> int:
    """Delete each of `files` (of which `only` still holds); return how many."""
    return sum(1 for file in files if delete(file, only=only))


def delete_expired() -> int:
    """Delete files that expired or were kept for their time; return how many.

    What moderators withhold has a time of its own.
    """
    total, now = 0, timezone.now()
    for column in ("expires_at", "kept_until"):
        over = Q(**{f"{column}__lte": now})
        while batch := list(HostedFile.objects.filter(over).order_by(column)[:BATCH]):
            # A file whose time was just extended is kept, and so is one that moderators just withheld.
            total += delete_many(batch, only=over & Q(withheld=HostedFile.Withheld.NO))
    return total


def opens(file: HostedFile, token: str) -> bool:
    """Whether `token` is the file's delete token."""
    return bool(file.delete_digest) and hmac.compare_digest(file.delete_digest, digest_of(token))


def _remove(paths: list[str]) -> None:
    for path in paths:
        objects.remove(path)
