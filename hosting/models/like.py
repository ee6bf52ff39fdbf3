"""Like: a member's like of a file."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from hosting.models.file import HostedFile


class Like(models.Model):
    """One member likes one file, once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="likes")
    file = models.ForeignKey(HostedFile, models.CASCADE, related_name="hearts")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (models.UniqueConstraint(fields=["user", "file"], name="one_like_each"),)

    def __str__(self) -> str:
        return f"{self.user} likes {self.file}"
