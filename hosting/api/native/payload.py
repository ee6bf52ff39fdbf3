"""What a request to this API says: JSON with its types, or a form, as the values that serializers read.

JSON is read here and not by `hosting.api.body`, since null and [] mean something in a PATCH.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, QueryDict
from multipart import parse_options_header
from rest_framework import serializers

from hosting.api import body
from hosting.api.body import JSON_VALUES, Body, Value
from hosting.api.native.errors import InvalidParameters
from hosting.errors import HostingError
from hosting.storage import objects

FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
# Of a page's form; the header is what is checked.
IGNORED = frozenset({"csrfmiddlewaretoken"})
BLOCK = LARGE = 1024 * 1024

Serializer = serializers.Serializer
# Fields that a form holds as a text of JSON.
NESTED = (serializers.Serializer, serializers.ListSerializer, serializers.DictField)


@dataclass(frozen=True)
class Payload:
    """One of both is there; neither for a request without a body."""

    members: Mapping[str, Any] | None = None
    form: Body | None = None

    def values(self, kind: type[Serializer]) -> dict[str, Any]:
        """The values for a serializer of `kind`."""
        if self.form is None:
            return dict(self.members or {})
        fields = kind().fields
        return {
            name: _from_form(self.form.all(name), fields.get(name))
            for name in self.form.names()
            if name not in IGNORED
        }

    @property
    def names(self) -> frozenset[str]:
        """The names of all parameters."""
        return frozenset(self.members or (self.form.names() if self.form else ()))

    def digest(self) -> str:
        """A hash of all parameters, the same for the same values however they were encoded."""
        found = hashlib.sha256()
        for name, value in sorted((self.members or {}).items(), key=lambda pair: pair[0]):
            if isinstance(value, Value):
                _add(found, name, value)
            else:
                found.update(json.dumps([name, value], sort_keys=True).encode())
        for name in self.form.names() if self.form else ():
            for value in self.form.all(name) if self.form else ():
                _add(found, name, value)
        return found.hexdigest()


def _add(found: hashlib._Hash, name: str, value: Value) -> None:
    found.update(f"\n{name}\n{value.filename}\n".encode("utf-8", "replace"))
    value.file.seek(0)
    while block := value.file.read(BLOCK):
        found.update(block)
    value.file.seek(0)


def is_large(request: HttpRequest) -> bool:
    """Whether the body is larger than anything accepted without a key."""
    return int(request.META.get("CONTENT_LENGTH") or 0) > LARGE


def read(request: HttpRequest) -> Payload:
    """Read the whole body. Raises RequestDataTooBig, or HostingError for one that cannot be read."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.META.get("vitrine.body_too_large") or length > settings.MAX_REQUEST_BYTES:
        raise RequestDataTooBig
    if request.META.get("vitrine.no_space"):
        raise objects.no_space()
    kind, _ = parse_options_header(request.META.get("CONTENT_TYPE", ""))
    if kind == "application/json" or kind.endswith("+json"):
        return Payload(members=_json(request.read()))
    if kind in FORMS:
        return Payload(form=body.read(request))
    if request.read(1):
        raise HostingError("unsupported_media_type")
    return Payload()


def parse(kind: type[Serializer], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` validated by a serializer of `kind`. Raises InvalidParameters with every error."""
    serializer = kind(data=dict(values))
    errors = [(at, "There is no such parameter.") for at in _unknown(serializer, values, "")]
    if not serializer.is_valid():
        errors += _flat(serializer.errors, "")
    if errors:
        raise InvalidParameters(sorted(errors))
    return dict(serializer.validated_data)


def _unknown(serializer: Serializer, values: Mapping[str, Any], at: str) -> Iterator[str]:
    """The places of what no field reads, in the objects within too: DRF itself passes over it."""
    for name, value in values.items():
        field = serializer.fields.get(name)
        if field is None:
            yield _below(at, name)
        elif isinstance(field, serializers.Serializer) and isinstance(value, Mapping):
            yield from _unknown(field, value, _below(at, name))


def parse_query(kind: type[Serializer], query: QueryDict) -> dict[str, Any]:
    """The same of an address's query."""
    fields = kind().fields
    parameters: dict[str, Any] = {}
    for name in query:
        values = query.getlist(name)
        several = isinstance(fields.get(name), serializers.ListField)
        parameters[name] = values if several else values[-1]
    return parse(kind, parameters)


def _json(text: bytes) -> dict[str, Any]:
    # Counted before anything is made of them: text of a few bytes each becomes objects of many times its size.
    if sum(text.count(mark) for mark in (b",", b"[", b"{")) > JSON_VALUES:
        raise HostingError("too_many_parts")
    with body.parsing(text):
        try:
            found = json.loads(text, parse_constant=_refuse) if text.strip() else {}
        except (ValueError, RecursionError) as error:
            raise HostingError("invalid_body") from error
        if not isinstance(found, dict):
            raise HostingError("invalid_body.no_object")
        return {name: _compact(value) for name, value in found.items()}


def _compact(value: Any) -> Any:
    """A long text as bytes, which take a quarter of the room and more; all else as it is."""
    if isinstance(value, str) and len(value) > LARGE:
        return Value(BytesIO(value.encode("utf-8", "replace")))
    return value


def _refuse(word: str) -> None:
    raise ValueError(word)


def _from_form(values: list[Value], field: serializers.Field | None) -> Any:
    """What a form's values mean for `field`: files and long texts as they are, the rest as plain values."""
    first = next((value for value in values if value.is_file), values[-1])
    if first.is_file or getattr(field, "takes_values", False):
        return first
    if isinstance(field, serializers.ListField) and not isinstance(field.child, NESTED):
        return [value.text() for value in values]
    text = first.text()
    if isinstance(field, (*NESTED, serializers.ListField)):
        try:
            return json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return text
    return None if not text and getattr(field, "allow_null", False) else text


def _flat(errors: Any, at: str) -> list[tuple[str, str]]:
    """DRF's tree of errors as pairs of a place and a sentence."""
    if isinstance(errors, Mapping):
        return [pair for name, below in errors.items() for pair in _flat(below, _below(at, name))]
    if isinstance(errors, list):
        pairs = []
        for number, below in enumerate(errors):
            nested = isinstance(below, Mapping | list)
            pairs += _flat(below, _below(at, number)) if nested else [(at, str(below))]
        return pairs
    return [(at, str(errors))]


def _below(at: str, name: object) -> str:
    if name == "non_field_errors":
        return at
    return f"{at}.{name}" if at else str(name)
