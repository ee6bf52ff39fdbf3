"""Job: work that a request hands over to a worker, and its authoritative state."""

from __future__ import annotations

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hosting.models.file import HostedFile
from hosting.models.public_id import public_id_field

# The largest whole number that every JSON reader takes exactly.
LARGEST_NUMBER = 2**53 - 1


def make_key() -> str:
    """A fresh key to request a job's result with: 128 random bits, which cannot be guessed."""
    return secrets.token_hex(16)


def make_number() -> int:
    """A fresh number for a job: random, so that it does not reveal how many there are."""
    return secrets.randbelow(LARGEST_NUMBER) + 1


class JobQuerySet(models.QuerySet["Job"]):
    """The filters that workers and sweeps are composed of."""

    def unfinished(self) -> Self:
        """Jobs that still wait or run."""
        return self.filter(state__in=Job.UNFINISHED)

    def ended(self) -> Self:
        """States that no longer change without a user's action."""
        return self.exclude(state__in=Job.UNFINISHED)


class Job(models.Model):
    """One piece of work: its input, its operations, its progress and its outcome.

    The row is authoritative; a broker's message only carries its key. Every change of `state` is one
    conditional UPDATE (see `hosting.jobs.queue`), and the worker that runs it holds a lease that expires.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Queue(models.TextChoices):
        DEFAULT = "default", _("default")
        HEAVY = "heavy", _("heavy")

    UNFINISHED = (State.QUEUED, State.RUNNING)

    public_id = public_id_field()
    key = models.CharField(max_length=32, unique=True, default=make_key, editable=False)
    number = models.BigIntegerField(unique=True, default=make_number, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="jobs"
    )
    api_key = models.ForeignKey(
        "accounts.ApiKey", models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    is_test = models.BooleanField(default=False, help_text=_("Made with a test key."))

    kind = models.CharField(max_length=30, help_text=_("What the job does."))
    queue = models.CharField(max_length=8, choices=Queue, default=Queue.DEFAULT)
    parameters = models.JSONField(default=dict, blank=True)
    placement = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("Where the result goes, and the details saved with it."),
    )
    source_path = models.CharField(max_length=100, blank=True, editable=False)
    source_size = models.PositiveBigIntegerField(default=0, help_text=_("Bytes."))

    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0, help_text=_("Per cent."))
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    result = models.ForeignKey(
        HostedFile, models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    # Named before the bytes are written, so that those of a worker that was killed are found again.
    result_path = models.CharField(max_length=255, blank=True, editable=False)
    outcome = models.JSONField(default=dict, blank=True, help_text=_("Details of the result."))

    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        # Whole ones: SQLite cannot use a partial index for a query whose values are bound.
        indexes = (
            models.Index(fields=["queue", "state", "sent_at"], name="job_waiting"),
            models.Index(fields=["state", "lease_until"], name="job_leases"),
            models.Index(fields=["queue", "-started_at"], name="job_begun"),
            models.Index(fields=["owner", "-created_at"], name="job_of_owner"),
            models.Index(fields=["source_path"], name="job_sources"),
            models.Index(fields=["result_path"], name="job_results"),
            models.Index(fields=["expires_at"], name="job_expiry"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def is_ended(self) -> bool:
        """Whether its state no longer changes without a user's action."""
        return self.state not in self.UNFINISHED
