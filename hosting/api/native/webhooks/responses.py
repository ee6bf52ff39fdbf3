"""Webhooks as JSON."""

from __future__ import annotations

from rest_framework import serializers

from hosting.api.native.presenting import moment
from hosting.models import Delivery, Webhook


class WebhookObject(serializers.Serializer):
    """A webhook, without its secret."""

    COUNTERS: frozenset[str] = frozenset({"failing_since"})

    id = serializers.CharField(source="public_id")
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(Webhook.Event.values))
    enabled = serializers.BooleanField()
    disabled_reason = serializers.CharField()
    failing_since = moment(allow_null=True)
    created_at = moment()


class CreatedWebhook(WebhookObject):
    """A new webhook, with its signing secret, which is shown only once."""

    secret = serializers.CharField()


class DeliveryObject(serializers.Serializer):
    """One event on its way to a webhook. next_at: when it is tried next, while it is pending."""

    id = serializers.CharField(source="public_id")
    message_id = serializers.CharField()
    event = serializers.ChoiceField(Webhook.Event.values)
    state = serializers.ChoiceField(Delivery.State.values)
    attempts = serializers.IntegerField()
    response_status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    next_at = moment()
    created_at = moment()
    ended_at = moment(allow_null=True)
