"""Rebuild: one pass over the stored files that makes their variants, and its progress."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Rebuild(models.Model):
    """A pass in the order of the files' keys, which can stop and resume anywhere.

    The process that runs it holds a lease that expires; every step is one UPDATE under that lease, so a process
    that takes it over stops the other.
    """

    class State(models.TextChoices):
        # Only the process that holds the lease, if any, works on it.
        PAUSED = "paused"
        # The workers continue it automatically.
        WORKING = "working"
        DONE = "done"

    only = models.CharField(max_length=10, blank=True)
    since = models.DateTimeField(null=True)
    state = models.CharField(max_length=7, choices=State, default=State.PAUSED)
    cursor = models.BigIntegerField(default=0, help_text="Key of the last file that is done.")
    last = models.BigIntegerField(default=0, help_text="Key of the last file of all.")
    total = models.PositiveIntegerField(default=0)
    looked = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    failures = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often it was begun since the last file that is done."
    )
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["state", "lease_until"], name="rebuild_stalled"),)

    def __str__(self) -> str:
        return f"{self.only or 'all'} {self.looked}/{self.total}"
