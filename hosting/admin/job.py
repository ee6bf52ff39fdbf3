"""Jobs: what waits, runs, failed and why; ending them and trying them again."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hosting.admin import columns
from hosting.jobs import queue
from hosting.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """The list that an operator looks at when something hangs."""

    list_display = (
        "public_id", "kind", "queue", "state", "progress", "attempts", "owner_column",
        "bytes", "error_code", "created_at", "started_at", "ended_at",
    )  # fmt: skip
    list_filter = ("state", "kind", "queue", "error_code", "created_at", "is_test")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "=key", "=owner__username")
    search_help_text = _("Public id, key, or the owner's name")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = ("cancel", "try_again")
    fieldsets = (
        (None, {"fields": ("kind", "queue", "state", "progress", "parameters")}),
        (_("Outcome"), {"fields": ("result_column", "outcome", "error_code", "error_message")}),
        (
            _("Origin"),
            {"fields": ("owner_column", "api_key", "is_test", "bytes", "placement")},
        ),
        (
            _("Times"),
            {
                "fields": (
                    "created_at", "sent_at", "started_at", "ended_at", "expires_at", "attempts",
                    "lease_until",
                )
            },
        ),
    )  # fmt: skip

    # Values that are not form fields; the others cannot be changed either, see below.
    readonly_fields = ("result_column", "owner_column", "bytes", "sent_at", "lease_until")

    @admin.display(description=_("owner"), ordering="owner__username")
    def owner_column(self, job: Job) -> SafeString | str:
        if job.owner is None:
            return "-"
        return columns.link(reverse("admin:accounts_user_change", args=[job.owner_id]), job.owner)

    @admin.display(description=_("source"), ordering="source_size")
    def bytes(self, job: Job) -> str:
        return columns.size(job.source_size)

    @admin.display(description=_("result"))
    def result_column(self, job: Job) -> SafeString | str:
        if job.result is None:
            return "-"
        page = reverse("admin:hosting_hostedfile_change", args=[job.result_id])
        return columns.link(page, job.result)

    @admin.action(description=_("Cancel jobs"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        ended = [job for job in queryset if queue.cancel(job)]
        for job in ended:
            self.log_change(request, job, "Cancelled.")
        text = ngettext("%(count)d job cancelled.", "%(count)d jobs cancelled.", len(ended))
        self.message_user(request, text % {"count": len(ended)})

    @admin.action(description=_("Retry jobs that failed on our side"), permissions=["cancel"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        again = [job for job in queryset if queue.retry(job)]
        for job in again:
            self.log_change(request, job, "Put back into the queue.")
        text = ngettext("%(count)d job queued again.", "%(count)d jobs queued again.", len(again))
        self.message_user(request, text % {"count": len(again)})

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whether the user may change jobs, although the pages themselves change nothing."""
        return bool(request.user.has_perm("hosting.change_job"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        # They are deleted automatically, with their bytes.
        return False
