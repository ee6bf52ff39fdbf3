"""Webhooks and their log: where an operator looks when deliveries are missing. Secrets are not shown."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hosting.models import Delivery, Webhook


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):
    """Members create them; here they can be switched off, or deleted."""

    list_display = (
        "url",
        "owner",
        "events",
        "enabled",
        "failing_since",
        "disabled_reason",
        "is_test",
    )
    list_filter = ("enabled", "is_test")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "=owner__username", "url")
    fields = (
        "owner", "url", "description", "events", "enabled", "disabled_reason", "failing_since",
        "is_test", "created_at",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name != "enabled")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):
    """The log; read-only."""

    list_display = (
        "created_at", "webhook", "event", "state", "attempts", "response_status", "error", "next_at",
    )  # fmt: skip
    list_filter = ("state", "event", "created_at")
    list_select_related = ("webhook",)
    search_fields = ("=public_id", "=message_id", "=webhook__owner__username")
    search_help_text = _("Public id, message id, or the owner's name")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False
