"""Variant: a smaller or stiller picture made from a file, or the untouched original kept for its owner."""

from __future__ import annotations

from django.db import models

from hosting.models.file import HostedFile
from processing import FORMATS
from processing.formats import Format


class Variant(models.Model):
    """One more stored object of a file. Its `path` is an address like the file's own."""

    ORIGINAL = "original"

    file = models.ForeignKey(HostedFile, models.CASCADE, related_name="variants")
    name = models.CharField(max_length=10)
    format = models.CharField(max_length=8)
    path = models.CharField(max_length=255, unique=True, editable=False)
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

    @property
    def file_format(self) -> Format:
        """The record of its format."""
        return FORMATS[self.format]

    @property
    def filename(self) -> str:
        """The stored name with its extension."""
        return self.path.rpartition("/")[2]
