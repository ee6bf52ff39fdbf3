"""Uploads in pieces, for an operator who needs space: their progress, and ending them."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosting.admin import columns
from hosting.admin.removal import Belongings, WholeRemoval
from hosting.files import resumable
from hosting.models import Part, PartialUpload


@admin.register(PartialUpload)
class PartialUploadAdmin(WholeRemoval):
    """To be looked at, and deleted with all that has arrived; a file that one became stays."""

    list_display = (
        "created_at", "owner_column", "name_column", "progress_column", "ip", "file_column",
        "expires_at",
    )  # fmt: skip
    list_display_links = ("created_at",)
    list_filter = (("file", admin.EmptyFieldListFilter), "created_at", "is_test")
    list_select_related = ("owner", "file")
    search_fields = ("=public_id", "=owner__username", "^ip")
    ordering = ("-pk",)
    show_full_result_count = False
    fields = (
        "public_id", "owner_column", "name_column", "progress_column", "metadata", "ip", "is_test",
        "file_column", "created_at", "expires_at",
    )  # fmt: skip
    # Values that are not form fields; the others cannot be changed either, see below.
    readonly_fields = (
        "public_id", "owner_column", "name_column", "progress_column", "file_column"
    )  # fmt: skip

    @admin.display(description=_("owner"), ordering="owner__username")
    def owner_column(self, upload: PartialUpload) -> SafeString | str:
        if upload.owner is None:
            return gettext("guest")
        page = reverse("admin:accounts_user_change", args=[upload.owner_id])
        return columns.link(page, upload.owner.username)

    @admin.display(description=_("original filename"))
    def name_column(self, upload: PartialUpload) -> str:
        return str(upload.metadata.get("filename") or upload.metadata.get("name") or "")

    @admin.display(description=_("progress"), ordering="offset")
    def progress_column(self, upload: PartialUpload) -> str:
        return f"{columns.size(upload.offset)} / {columns.size(upload.length)}"

    @admin.display(description=_("file"))
    def file_column(self, upload: PartialUpload) -> SafeString | str:
        if upload.file is None:
            return "-"
        page = reverse("admin:hosting_hostedfile_change", args=[upload.file_id])
        return columns.link(page, upload.file)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PartialUpload | None = None) -> bool:
        return False

    def remove(self, request: HttpRequest, obj: PartialUpload) -> None:
        resumable.discard_all([obj])

    def belongings(self, pks: Sequence[int]) -> list[Belongings]:
        return [Belongings(Part.objects.filter(upload__in=pks), guarded=False)]
