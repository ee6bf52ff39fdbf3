"""Variants, shown on the page of their file: the site makes and removes them automatically."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from hosting.admin import columns
from hosting.delivery import links
from hosting.models import HostedFile, Variant


class VariantInline(admin.TabularInline):
    """A file's other stored objects, to be looked at."""

    model = Variant
    fields = readonly_fields = ("name", "format", "dimensions", "bytes", "address")
    can_delete = False
    max_num = 0

    @admin.display(description=_("dimensions"))
    def dimensions(self, variant: Variant) -> str:
        return columns.dimensions(variant)

    @admin.display(description=_("size"))
    def bytes(self, variant: Variant) -> str:
        return columns.size(variant.size)

    @admin.display(description=_("link"))
    def address(self, variant: Variant) -> SafeString:
        return columns.link(links.shown_at(variant), variant.filename)

    def has_view_permission(self, request: HttpRequest, obj: HostedFile | None = None) -> bool:
        # Permission to see a file's page includes its variants.
        return True

    def has_add_permission(self, request: HttpRequest, obj: HostedFile | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: HostedFile | None = None) -> bool:
        return False
