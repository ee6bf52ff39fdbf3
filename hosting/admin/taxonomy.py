"""Categories and tags with how many files they hold. Deleting one leaves its files."""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from hosting.admin import columns
from hosting.catalogue import search
from hosting.error_messages import translated
from hosting.errors import HostingError
from hosting.files import tags
from hosting.models import Category, HostedFile, Tag


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """The site's categories."""

    list_display = ("name", "url_key", "files_column")
    search_fields = ("name", "url_key")
    prepopulated_fields = {"url_key": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        counted = columns.count_of(HostedFile.every.all(), "category")
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

    def save_model(
        self, request: HttpRequest, obj: Tag, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if change and "name" in form.changed_data:
            _found_anew(_tagged(Tag.objects.filter(pk=obj.pk)))

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        self.delete_queryset(request, Tag.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        tagged = _tagged(queryset)
        super().delete_queryset(request, queryset)
        _found_anew(tagged)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        counted = columns.count_of(HostedFile.tags.through.objects.all(), "tag")
        rows: QuerySet[Tag] = super().get_queryset(request)
        return rows.annotate(file_count=counted)

    @admin.display(description=_("files"), ordering="file_count")
    def files_column(self, tag: Tag) -> SafeString:
        count: int = tag.file_count  # type: ignore[attr-defined]
        return columns.files_link(count, tags__id__exact=tag.pk)


def _tagged(rows: QuerySet[Tag]) -> list[int]:
    """The keys of the files that have one of these tags."""
    links = HostedFile.tags.through.objects.filter(tag__in=rows.order_by().values("pk"))
    return list(links.values_list("hostedfile", flat=True).distinct())


def _found_anew(keys: list[int]) -> None:
    """Index these files by their new tags once the change has committed."""
    transaction.on_commit(partial(search.reindex, keys))
