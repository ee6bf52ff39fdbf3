"""Bans: contents, and the networks, mail domains and words that may not come in."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Ban(models.Model):
    """Who or what is kept out, for how long, and why."""

    class Kind(models.TextChoices):
        NETWORK = "network", _("address or network")
        MAIL_DOMAIN = "mail_domain", _("email domain")
        WORD = "word", _("word in a title, description, tag or file name")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    value = models.CharField(
        _("value"), max_length=100,
        help_text=_("An address or network (192.0.2.0/24), a domain, or a word."),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("ban")
        constraints = (models.UniqueConstraint(fields=["kind", "value"], name="one_ban_each"),)

    def __str__(self) -> str:
        return self.value


class BannedContent(models.Model):
    """A file that may not come back: by the hash of its bytes, by what its picture looks like, or both.

    digest: SHA-256 of the file as sent, or "". picture: its PDQ hash, 32 bytes, or null.
    """

    digest = models.CharField("SHA-256", max_length=64, blank=True, db_index=True)
    picture = models.BinaryField("PDQ", max_length=32, null=True)
    distance = models.PositiveSmallIntegerField(
        _("distance"), null=True, blank=True, validators=[MaxValueValidator(128)],
        help_text=_("In how many bits a picture may differ. Empty: as the moderation rules say."),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = verbose_name_plural = _("banned content")

    def __str__(self) -> str:
        return self.digest or bytes(self.picture or b"").hex()
