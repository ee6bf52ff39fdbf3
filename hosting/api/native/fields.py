"""What callers of this API send: one serializer a request, and what the domain makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from io import BytesIO
from typing import Any

from rest_framework import serializers

from hosting.api.body import Value

# mypy: disable-error-code="no-untyped-call"

MAX_ID = 24


class Upload(serializers.Field):
    """A file part of a form."""

    takes_values = True
    default_error_messages = {"invalid": "Send it as a file part of multipart/form-data."}

    def to_internal_value(self, data: Any) -> Value:
        if not isinstance(data, Value) or not data.is_file:
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class LongText(serializers.Field):
    """A text that may have many megabytes, as a file."""

    takes_values = True
    default_error_messages = {"invalid": "Not a valid string."}

    def to_internal_value(self, data: Any) -> Value:
        match data:
            case Value():
                return data
            case str():
                return Value(BytesIO(data.encode("utf-8", "replace")))
        self.fail("invalid")
        raise AssertionError

    def to_representation(self, value: Any) -> Any:
        return value


class Choice(serializers.ChoiceField):
    """One of some words, which the refusal names."""

    def __init__(self, choices: Sequence[Any], **options: Any) -> None:
        text = f'"{{input}}" is not one of {", ".join(map(str, choices))}.'
        super().__init__(choices, error_messages={"invalid_choice": text}, **options)


class Tags(serializers.ListField):
    """Words as a list, or parted by commas."""

    child = serializers.CharField(allow_blank=True, max_length=2000)

    def to_internal_value(self, data: Any) -> list[str]:
        texts = super().to_internal_value([data] if isinstance(data, str) else data)
        return [word for text in texts for word in text.split(",")]


def moment() -> serializers.DateTimeField:
    return serializers.DateTimeField(required=False, allow_null=True, default_timezone=UTC)


class PageQuery(serializers.Serializer):
    """What every list takes."""

    cursor = serializers.CharField(required=False, max_length=300)
    size = serializers.IntegerField(default=30, min_value=1, max_value=100)


class Nothing(serializers.Serializer):
    """A request that says nothing but its address."""
