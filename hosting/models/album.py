"""Albums: a member's files put together under one name and one privacy."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from hosting.models.privacy import Privacy
from hosting.models.public_id import public_id_field
from hosting.models.slug import slug_of


class Album(models.Model):
    """A named set of files; albums can be nested."""

    public_id = public_id_field()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="albums")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, max_length=5000)
    privacy = models.CharField(max_length=8, choices=Privacy, default=Privacy.PUBLIC)
    closing_to = models.CharField(
        max_length=8, choices=Privacy, blank=True, editable=False,
        help_text="The privacy it gets as soon as no file of it lies open..",
    )  # fmt: skip
    moving = models.BooleanField(
        default=False, editable=False,
        help_text="Its files' bytes are on their way to where they belong.",
    )  # fmt: skip
    password = models.CharField(max_length=128, blank=True, editable=False, help_text="A hash.")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )
    cover = models.ForeignKey(
        "hosting.HostedFile", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="The picture that stands for the album; empty: its newest.",
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        indexes = (models.Index(fields=["id"], condition=Q(moving=True), name="album_moving"),)

    def __str__(self) -> str:
        return self.name

    @property
    def wanted_privacy(self) -> str:
        """The owner's last choice; `privacy` follows once none of its files is open any more."""
        return self.closing_to or self.privacy

    @property
    def viewer_path(self) -> str:
        """The album page's address below the site."""
        slug = slug_of(self.name)
        return f"/album/{slug}.{self.public_id}" if slug else f"/album/{self.public_id}"
