"""Opening a file to everybody who has its link, and closing it again."""

from __future__ import annotations

from django.db import transaction

from hosting import areas
from hosting.errors import HostingError
from hosting.models import HostedFile, Privacy


def publish(file: HostedFile) -> HostedFile:
    """Let its direct link work; a file that is open already stays as it is. Raises HostingError."""
    _change(file, Privacy.UNLISTED)
    with transaction.atomic():
        # What is moved is what the row says now: somebody may have closed it in between.
        changed = _held(file)
        areas.settle(changed)
    return changed


def unpublish(file: HostedFile) -> HostedFile:
    """Let its direct link open to its owner alone. Raises HostingError where the file is gone."""
    with transaction.atomic():
        changed = _change(file, Privacy.PRIVATE)
        # Before the row is final, so that nothing that is closed lies open.
        areas.settle(changed)
    return changed


def _change(file: HostedFile, privacy: Privacy) -> HostedFile:
    with transaction.atomic():
        changed = _held(file)
        changed.privacy = privacy
        HostedFile.objects.filter(pk=changed.pk).update(privacy=privacy)
    return changed


def _held(file: HostedFile) -> HostedFile:
    """The row as it is now, locked until the transaction ends."""
    rows = HostedFile.objects.select_for_update(of=("self",)).select_related("album")
    if (row := rows.filter(pk=file.pk).first()) is None:
        raise HostingError("not_found", "The file is gone.")
    return row
