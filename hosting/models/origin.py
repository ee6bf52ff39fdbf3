"""AllowedOrigin: a host from which an API that asks for one may fetch pictures."""

from __future__ import annotations

import re

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

PATTERN = r"\A(?:\*\.)?[a-z0-9*-]+(?:\.[a-z0-9*-]+)*\Z"


class AllowedOrigin(models.Model):
    """A host name, or a pattern of names with asterisks."""

    host = models.CharField(
        max_length=253,
        unique=True,
        validators=[RegexValidator(PATTERN, _("Enter a host name in lower case, such as *.s3.*.example.org."))],
        help_text=_(
            "A leading *. matches any subdomain; an asterisk elsewhere matches the characters "
            "between two dots."
        ),
    )  # fmt: skip
    enabled = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("host",)
        verbose_name = _("allowed origin")

    def __str__(self) -> str:
        return self.host

    def matches(self, host: str) -> bool:
        """Whether `host` (lower case, no port) is one of these."""
        below = self.host.startswith("*.")
        parts = self.host.removeprefix("*.").split("*")
        rest = r"[a-z0-9_-]+".join(map(re.escape, parts))
        return re.fullmatch(r"(?:[a-z0-9_-]+\.)+" * below + rest, host) is not None
