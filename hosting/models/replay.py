"""Replay: the answer to a request with an Idempotency-Key, for repeats of that request."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# How long an answer is kept.
KEPT = timedelta(hours=24)


class ReplayQuerySet(models.QuerySet["Replay"]):
    """The filter for deletion."""

    def expired(self) -> ReplayQuerySet:
        """Older than KEPT."""
        return self.filter(created_at__lt=timezone.now() - KEPT)


class Replay(models.Model):
    """One request that must run only once. `status` is None while it runs."""

    scope = models.CharField(
        max_length=64, help_text="A hash of who asked, for what address, under which key."
    )
    # The answer may contain private data, so it is deleted with the account; None: a guest's.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="replays"
    )
    digest = models.CharField(max_length=64, help_text="SHA-256 of what the request said.")
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    # The process that runs it now; one that takes over from a killed process writes another value.
    lease = models.CharField(max_length=32)
    lease_until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReplayQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["scope"], name="one_replay_of_a_scope"),)
        indexes = (models.Index(fields=["created_at"], name="replay_age"),)

    def __str__(self) -> str:
        return self.scope
