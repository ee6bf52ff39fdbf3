"""Stored: what a file and its variants have in common, an object of the storage in a format."""

from __future__ import annotations

from django.db import models

from processing import FORMATS
from processing.formats import Format


class Stored(models.Model):
    """A stored object. format: a name of FORMATS. path: its address in its area."""

    format = models.CharField(max_length=8)
    path = models.CharField(max_length=255, unique=True, editable=False)

    class Meta:
        abstract = True

    @property
    def file_format(self) -> Format:
        """The record of its format and its capabilities."""
        return FORMATS[self.format]

    @property
    def filename(self) -> str:
        """The stored name with its extension."""
        return self.path.rpartition("/")[2]
