"""The filters beside the list of files. None of them asks the database for its choices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hosting.models import HostedFile
from processing import FORMATS


class OwnerFilter(admin.SimpleListFilter):
    """One owner by name, typed in: a site has too many members for a list."""

    title = _("owner")
    parameter_name = "owner"
    template = "admin/typed_filter.html"

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def choices(  # type: ignore[override]
        self, changelist: ChangeList
    ) -> Iterator[dict[str, Any]]:
        """One choice: what is typed now, and the other filters to be kept."""
        kept = [
            (name, value)
            for name, values in changelist.filter_params.items()
            for value in values
            if name != self.parameter_name
        ]
        if changelist.query:
            kept.append(("q", changelist.query))
        yield {
            "name": self.parameter_name,
            "value": self.value() or "",
            "kept": kept,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
        }

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[HostedFile]
    ) -> QuerySet[HostedFile]:
        name = (self.value() or "").strip()
        return queryset.filter(owner__username__iexact=name) if name else queryset


class SenderFilter(admin.SimpleListFilter):
    """Members' files or guests'."""

    title = _("uploaded by")
    parameter_name = "sender"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("members", _("members")), ("guests", _("guests"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[HostedFile]
    ) -> QuerySet[HostedFile]:
        if self.value() not in {"members", "guests"}:
            return queryset
        return queryset.filter(owner__isnull=self.value() == "guests")


class FormatFilter(admin.SimpleListFilter):
    """One format of the table of formats."""

    title = _("format")
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, one.label) for name, one in FORMATS.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[HostedFile]
    ) -> QuerySet[HostedFile]:
        return queryset.filter(format=self.value()) if self.value() else queryset


class ExpiryFilter(admin.SimpleListFilter):
    """When a file expires."""

    title = _("expiry")
    parameter_name = "expiry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("never", _("never expires")),
            ("some", _("expires")),
            ("day", _("within a day")),
            ("past", _("overdue")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[HostedFile]
    ) -> QuerySet[HostedFile]:
        now = timezone.now()
        match self.value():
            case "never":
                return queryset.filter(expires_at=None)
            case "some":
                return queryset.exclude(expires_at=None)
            case "day":
                return queryset.filter(expires_at__gt=now, expires_at__lte=now + timedelta(days=1))
            case "past":
                return queryset.filter(expires_at__lte=now)
        return queryset
