"""PartialUpload: a file that arrives in pieces, and its progress."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from hosting.models.file import HostedFile
from hosting.models.public_id import make_public_id

# 142 random bits: for a guest the address alone opens the upload.
ID_LENGTH = 24


def make_id() -> str:
    """A fresh id that cannot be guessed."""
    return make_public_id(ID_LENGTH)


class PartialUpload(models.Model):
    """One upload that can be resumed. `offset` is below `length` until the whole was accepted as `file`.

    `offset` changes only by conditional UPDATEs (see `hosting.files.resumable`); the process that accepts the
    whole holds a lease that expires.
    """

    public_id = models.CharField(max_length=24, unique=True, default=make_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="partial_uploads"
    )
    is_test = models.BooleanField(default=False)
    ip = models.GenericIPAddressField(null=True)
    length = models.PositiveBigIntegerField(help_text="Bytes of the whole.")
    offset = models.PositiveBigIntegerField(default=0, help_text="Bytes that are kept.")
    metadata = models.JSONField(default=dict)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    file = models.ForeignKey(HostedFile, models.SET_NULL, null=True, related_name="+")
    is_duplicate = models.BooleanField(
        default=False, help_text="The file was there before, and is the one that was sent."
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["owner", "ip"], name="partial_of_whom"),
            models.Index(fields=["expires_at"], name="partial_expiry"),
        )

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_whole(self) -> bool:
        """Whether it is complete."""
        return self.offset == self.length


class Part(models.Model):
    """One piece of a PartialUpload in the guarded area of the storage."""

    upload = models.ForeignKey(PartialUpload, models.CASCADE, related_name="parts")
    start = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    path = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ("start",)

    def __str__(self) -> str:
        return self.path
