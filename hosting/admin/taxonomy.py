"""Categories and tags with how many files they hold. Deleting one leaves its files."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from hosting import tags
from hosting.admin import columns
from hosting.errors import HostingError
from hosting.models import Category, HostedFile, Tag
from hosting.refusals import translated


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """The site's own drawers."""

    list_display = ("name", "url_key", "files_column")
    search_fields = ("name", "url_key")
    prepopulated_fields = {"url_key": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        counted = columns.count_of(HostedFile.objects.all(), "category")
        rows: QuerySet[Category] = super().get_queryset(request)
        return rows.annotate(file_count=counted)

    @admin.display(description=_("files"), ordering="file_count")
    def files_column(self, category: Category) -> SafeString:
        count: int = category.file_count  # type: ignore[attr-defined]
        return columns.files_link(count, category__id__exact=category.pk)


class TagForm(forms.ModelForm):
    """A tag under the same rules as everywhere."""

    def clean_name(self) -> str:
        """Fold the blanks and refuse what cannot be a tag."""
        try:
            return tags.clean([self.cleaned_data["name"]])[0]
        except HostingError as error:
            raise forms.ValidationError(translated(error.message)) from error


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    """The words that people gave."""

    form = TagForm
    list_display = ("name", "files_column", "created_at")
    search_fields = ("name",)
    show_full_result_count = False
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        counted = columns.count_of(HostedFile.tags.through.objects.all(), "tag")
        rows: QuerySet[Tag] = super().get_queryset(request)
        return rows.annotate(file_count=counted)

    @admin.display(description=_("files"), ordering="file_count")
    def files_column(self, tag: Tag) -> SafeString:
        count: int = tag.file_count  # type: ignore[attr-defined]
        return columns.files_link(count, tags__id__exact=tag.pk)
