"""Moderation's rules, reasons, bans, and the logs of what was decided and done."""

from __future__ import annotations

import csv
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnly
from hosting import audit
from hosting.admin.user import acting
from hosting.admission import spelling
from hosting.audit import Subject, by_admin
from hosting.models import (
    AuditEntry,
    Ban,
    BannedContent,
    Decision,
    ModerationRules,
    Reason,
    StaffNote,
)
from hosting.moderation import rules

# Rows of the log in one export.
MOST_EXPORTED = 100_000


class Logged(admin.ModelAdmin):
    """Pages whose changes stand in the audit log, under the name of `noun`."""

    noun = ""

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        before = {name: str(form.initial.get(name, "")) for name in form.changed_data}
        after = {name: str(form.cleaned_data.get(name, "")) for name in form.changed_data}
        self._record(request, "change" if change else "add", obj, before if change else {}, after)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._record(request, "delete", obj, {"value": str(obj)}, {})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self._record(request, "delete", obj, {"value": str(obj)}, {})
        super().delete_queryset(request, queryset)

    def _record(
        self,
        request: HttpRequest,
        action: str,
        obj: Any,
        before: dict[str, str],
        after: dict[str, str],
    ) -> None:
        audit.record(
            by_admin(acting(request)), f"{action} {self.noun}", Subject(self.noun, str(obj)),
            before=before, after=after,
        )  # fmt: skip


@admin.register(ModerationRules)
class ModerationRulesAdmin(admin.ModelAdmin):
    """One row, which exists from the first look."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        ModerationRules.current()
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        columns = {name: form.cleaned_data[name] for name in form.changed_data}
        rules.change(by_admin(acting(request)), **columns)


@admin.register(Reason)
class ReasonAdmin(Logged):
    """What moderators and visitors choose from."""

    noun = "reason"
    list_display = ("__str__", "code", "position", "for_reports", "is_active")
    list_editable = ("position", "for_reports", "is_active")


class BanForm(forms.ModelForm):
    """A ban as an administrator writes it."""

    def clean(self) -> dict[str, Any]:
        """One spelling of each value, and no network so wide that it shuts out a continent."""
        values = super().clean() or {}
        if values.get("kind") and values.get("value"):
            try:
                values["value"] = spelling.of_ban(values["kind"], values["value"])
            except ValueError as error:
                self.add_error("value", str(error))
        return values


@admin.register(Ban)
class BanAdmin(Logged):
    """Networks, mail domains and words that are kept out."""

    noun = "ban"
    form = BanForm
    list_display = ("value", "kind", "reason", "ends_at", "made_by", "created_at")
    list_filter = ("kind",)
    list_select_related = ("made_by",)
    search_fields = ("value", "reason")
    show_full_result_count = False

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        if not change:
            obj.made_by = acting(request)
        super().save_model(request, obj, form, change)


@admin.register(BannedContent)
class BannedContentAdmin(Logged):
    """Files that may not come back; they are added by `manage.py ban_content` and from the files' pages."""

    noun = "banned content"
    list_display = ("__str__", "distance", "reason", "made_by", "created_at")
    list_select_related = ("made_by",)
    search_fields = ("=digest", "reason")
    fields = ("distance", "reason")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """What was decided, and what became of appeals."""

    list_display = (
        "created_at", "action", "file_public_id", "member", "reason", "made_by", "channel",
        "undone_at", "appeal",
    )  # fmt: skip
    list_filter = ("action", "appeal", "channel")
    list_select_related = ("member", "reason", "made_by")
    search_fields = ("=file_public_id", "=member__username")
    show_full_result_count = False


@admin.register(StaffNote)
class StaffNoteAdmin(Logged):
    """Notes on members; only staff see them."""

    noun = "note"
    list_display = ("member", "text", "written_by", "created_at")
    list_select_related = ("member", "written_by")
    autocomplete_fields = ("member",)
    search_fields = ("=member__username", "text")
    readonly_fields = ("written_by",)
    show_full_result_count = False

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        obj.written_by = obj.written_by or acting(request)
        super().save_model(request, obj, form, change)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    """All that staff, the command line and the site did; nobody changes or deletes it here."""

    list_display = (
        "number", "created_at", "actor_name", "channel", "action", "kind", "subject", "owner_name", "reason",
    )  # fmt: skip
    list_filter = ("channel", "kind")
    search_fields = ("=subject", "=actor_name", "=owner_name", "=action")
    search_help_text = _("Public id, name of who acted, name of the owner, or action")
    show_full_result_count = False
    actions = ("export",)

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return () if request.user.has_perm("hosting.see_addresses") else ("address",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No filtering by the address either: it would be guessed from what is found."""
        if lookup.startswith("address") and not request.user.has_perm("hosting.see_addresses"):
            return False
        return super().lookup_allowed(lookup, value, request)

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> HttpResponse:
        columns = [
            field.name for field in AuditEntry._meta.fields if field.name not in ("id", "actor")
        ]
        if not request.user.has_perm("hosting.see_addresses"):
            columns.remove("address")
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="audit.csv"'
        writer = csv.writer(response)
        writer.writerow(columns)
        writer.writerows(queryset.order_by("number").values_list(*columns)[:MOST_EXPORTED])
        return response
