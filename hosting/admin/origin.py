"""The hosts from which an API that asks for one may fetch."""

from __future__ import annotations

from django.contrib import admin

from hosting.models import AllowedOrigin


@admin.register(AllowedOrigin)
class AllowedOriginAdmin(admin.ModelAdmin):
    """The table of `POST /v1/images`."""

    list_display = ("host", "enabled", "note")
    list_editable = ("enabled",)
    list_filter = ("enabled",)
    search_fields = ("host", "note")
