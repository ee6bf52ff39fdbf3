"""Webhook: an address notified of events in a member's account; Delivery: one notification of one event."""

from __future__ import annotations

import base64
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.encryption import EncryptedField
from hosting.models.public_id import public_id_field

SECRET_BYTES = 24
URL_LENGTH = 2000


def make_secret() -> str:
    """A fresh secret in the spelling of Standard Webhooks: `whsec_` and base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def make_message_id() -> str:
    """A fresh id of an event, which stays the same however often it is sent."""
    return f"msg_{secrets.token_urlsafe(18)}"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Webhooks, and those of them that count."""

    def standing(self) -> WebhookQuerySet:
        """Webhooks made by a person or by a key that is still valid: a key's webhooks end with it.

        A suspended member's wait, as their keys do.
        """
        valid = Q(made_by=None) | keys.alive("made_by__")
        return self.filter(valid, owner__suspended_at=None)


class Webhook(models.Model):
    """Where a member's events go. Its secret signs them, so it is encrypted, not hashed."""

    class Event(models.TextChoices):
        FILE_CREATED = "file.created", _("file created")
        FILE_DELETED = "file.deleted", _("file deleted")
        JOB_DONE = "job.done", _("job done")
        JOB_FAILED = "job.failed", _("job failed")

    public_id = public_id_field()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    is_test = models.BooleanField(
        default=False, help_text=_("Made with a test key: notified about test keys only.")
    )
    made_by = models.ForeignKey(
        "accounts.ApiKey",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="webhooks",
        editable=False,
    )
    url = models.CharField(max_length=URL_LENGTH)
    description = models.CharField(max_length=200, blank=True)
    events = models.JSONField(default=list)
    secret = EncryptedField(max_length=255, default=make_secret, editable=False)
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True, editable=False)
    # Since when every try has failed; None where the last one did not.
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    # One worker sends to it at a time; it holds it until then.
    busy_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=["owner", "-created_at"], name="webhook_of_owner"),)

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event on its way to one webhook, written in the transaction of the event itself."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    public_id = public_id_field()
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=40, default=make_message_id, editable=False)
    event = models.CharField(max_length=20, choices=Webhook.Event)
    body = models.TextField(help_text=_("JSON, exactly as sent and signed."))
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it is tried next.
    next_at = models.DateTimeField(default=timezone.now)
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name_plural = _("deliveries")
        indexes = (
            models.Index(fields=["state", "next_at"], name="delivery_due"),
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["created_at"], name="delivery_age"),
        )

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook_id}"
