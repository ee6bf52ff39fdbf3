"""Requests about categories and tags."""

from __future__ import annotations

from django.db.models import Q
from rest_framework import serializers

from hosting.api.native.fields import PageQuery
from hosting.errors import HostingError
from hosting.models import Category


class TagQuery(PageQuery):
    """`GET /tags`. q: how the names begin."""

    q = serializers.CharField(required=False, max_length=32)


def category_of(name: str) -> Category:
    """The category of this id or url_key; a key of digits goes before an id. Raises HostingError."""
    named = Q(url_key=name)
    if name.isascii() and name.isdigit() and len(name) < 19:
        named |= Q(pk=int(name))
    found = sorted(Category.objects.filter(named), key=lambda one: one.url_key != name)
    if not found:
        raise HostingError("unknown_category")
    return found[0]
