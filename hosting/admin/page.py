"""The site's own texts: about, terms, privacy, contact and others."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from hosting import pages
from hosting.models import Page


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    """Texts in Markdown, one for each language or one for all."""

    list_display = ("title", "slug", "language", "position", "is_published", "updated_at")
    list_filter = ("is_published", "language")
    list_editable = ("position", "is_published")
    search_fields = ("title", "slug", "body")
    readonly_fields = ("preview", "updated_at")
    fields = (
        "title",
        ("slug", "language"),
        "body",
        ("position", "is_published"),
        "preview",
        "updated_at",
    )

    @admin.display(description=_("as saved"))
    def preview(self, page: Page) -> SafeString:
        return format_html('<div class="page-preview">{}</div>', pages.rendered(page))

    def view_on_site(self, page: Page) -> str:
        return pages.Link(page.slug, page.title, page.position).url
