"""Requests about webhooks."""

from __future__ import annotations

from rest_framework import serializers

from hosting.api.native.fields import Choice
from hosting.models import Webhook
from hosting.models.webhook import URL_LENGTH


class WebhookChanges(serializers.Serializer):
    """`PATCH /webhooks/{id}`."""

    url = serializers.CharField(required=False, max_length=URL_LENGTH)
    events = serializers.ListField(
        child=Choice(Webhook.Event.values), required=False, min_length=1, max_length=20
    )  # fmt: skip
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    enabled = serializers.BooleanField(required=False)


class NewWebhook(serializers.Serializer):
    """`POST /webhooks`."""

    url = serializers.CharField(max_length=URL_LENGTH)
    events = serializers.ListField(child=Choice(Webhook.Event.values), min_length=1, max_length=20)
    description = serializers.CharField(default="", allow_blank=True, max_length=200)
