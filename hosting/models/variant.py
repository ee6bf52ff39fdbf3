"""Variant: a smaller or stiller picture made from a file, or the untouched original kept for its owner."""

from __future__ import annotations

from django.db import models

from hosting.models.file import HostedFile
from hosting.models.stored import Stored


class Variant(Stored):
    """One more stored object of a file. Its `path` is an address like the file's own."""

    ORIGINAL = "original"

    file = models.ForeignKey(HostedFile, models.CASCADE, related_name="variants")
    name = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["file", "name"], name="one_variant_of_a_name"),
        )

    def __str__(self) -> str:
        return self.path
