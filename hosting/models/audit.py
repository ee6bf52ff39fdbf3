"""AuditEntry: one thing that staff, the command line or the site itself did; rows are only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """Who did what to whom, with what was there before and after.

    Texts instead of foreign keys: what is logged must not change with what it is about. Each row's `digest`
    covers its content and the digest of the row before it, so a row that was changed, left out or added later
    is found (`hosting.audit.verify`).
    """

    number = models.PositiveBigIntegerField(unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        db_constraint=False,
    )  # fmt: skip
    actor_name = models.CharField(_("who"), max_length=32, blank=True)
    channel = models.CharField(_("by way of"), max_length=12)
    action = models.CharField(_("action"), max_length=24)
    # What it was done to: "file", "user", "report", "ban" …, and its public id, name or value.
    kind = models.CharField(_("kind"), max_length=16)
    subject = models.CharField(_("subject"), max_length=100)
    owner_name = models.CharField(_("owner"), max_length=32, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    content_hash = models.CharField(max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    text = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-number",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = (
            models.Index(fields=["kind", "subject", "-number"], name="audit_of_subject"),
            models.Index(fields=["actor_name", "-number"], name="audit_of_actor"),
            models.Index(fields=["action", "-number"], name="audit_of_action"),
            models.Index(fields=["owner_name", "-number"], name="audit_of_owner"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.subject}"
