"""How files are sorted: categories that administrators define, tags that people make on the fly."""

from __future__ import annotations

from urllib.parse import quote

from django.core.validators import RegexValidator
from django.db import models


class Category(models.Model):
    """One of the site's categories; a file is in one at most."""

    name = models.CharField(max_length=32, unique=True)
    url_key = models.CharField(
        max_length=32, unique=True, validators=[RegexValidator(r"\A[-\w]+\Z")]
    )
    description = models.TextField(blank=True, max_length=500)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that people give to files, unique in the whole site; letters' case counts."""

    NAME_LENGTH = 32

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def url_key(self) -> str:
        """The tag as it appears in an address."""
        return quote(self.name, safe="")
