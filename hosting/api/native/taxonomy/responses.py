"""Categories and tags as JSON."""

from __future__ import annotations

from rest_framework import serializers


class CategoryObject(serializers.Serializer):
    """A category."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    url_key = serializers.CharField()
    description = serializers.CharField()


class TagObject(serializers.Serializer):
    """A tag."""

    name = serializers.CharField()
