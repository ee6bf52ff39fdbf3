"""Deleting with everything that belongs to a thing: the page that asks, and the use case that does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from hosting.admin.columns import link

# How many are named on the confirmation page.
NAMED = 50


@dataclass(frozen=True)
class Belongings:
    """Rows deleted along with a thing; `guarded` ones only with the permission to delete their kind."""

    rows: QuerySet
    guarded: bool = True


class WholeRemoval(admin.ModelAdmin):
    """Counts the dependent rows on the confirmation page, and leaves the deletion itself to a use case.

    Django's own page loads and names every row that hangs on the ones to go, which for an account or an
    album may be a hundred thousand.
    """

    def remove(self, request: HttpRequest, obj: Any) -> None:
        """Delete `obj` with all that belongs to it, and log that."""
        raise NotImplementedError

    def belongings(self, pks: Sequence[Any]) -> list[Belongings]:
        """What goes along with the objects of these keys."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for obj in queryset.iterator(200):
            self.remove(request, obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        opts = self.opts
        named: list[str] = []
        pks = []
        lacking: set[str] = set()
        for obj in objs:
            pks.append(obj.pk)
            if not self.has_delete_permission(request, obj):
                lacking.add(str(opts.verbose_name))
            if len(named) < NAMED:
                page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk])
                named.append(link(page, obj))
        if len(pks) > NAMED:
            named.append(gettext("and %(count)d more") % {"count": len(pks) - NAMED})
        counts = {str(opts.verbose_name_plural): len(pks)}
        for along in self.belongings(pks):
            if count := along.rows.count():
                model = along.rows.model
                name = str(model._meta.verbose_name_plural)
                counts[name] = counts.get(name, 0) + count
                if along.guarded and not request.user.has_perm(_permission(model)):
                    lacking.add(str(model._meta.verbose_name))
        return named, counts, lacking, []


def _permission(model: type[Model]) -> str:
    opts = model._meta
    return f"{opts.app_label}.{get_permission_codename('delete', opts)}"
