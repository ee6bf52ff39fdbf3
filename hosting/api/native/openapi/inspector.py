"""NativeInspector: an operation of this API, from the tables by which its views read and answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.serializers import Serializer

from accounts.errors import NoKey
from hosting.api.native.authentication import PROOF
from hosting.api.native.errors import InvalidParameters
from hosting.api.native.fields import Nothing
from hosting.api.native.idempotency import LONGEST_KEY, REPLAYED
from hosting.api.native.view import NativeView
from hosting.api.schema.bodies import FILE_NAME, JSON, MULTIPART, URLENCODED, in_form
from hosting.api.schema.inspector import Inspector
from hosting.api.schema.models import ref
from hosting.api.schema.operation import (
    Answer,
    Content,
    Examples,
    Operation,
    Parameter,
    Schema,
)
from hosting.errors import HostingError

# mypy: disable-error-code="no-untyped-call, type-arg"

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
GROUP = r"\(\?P<{}>([^()]*)\)"

ACCOUNT_REQUIRED = HostingError("account_required")
FORGED = HostingError("csrf_failed")
INVALID = InvalidParameters([("size", "Ensure this value is less than or equal to 100.")])
UNREADABLE = (
    HostingError("invalid_body"),
    HostingError("request_too_large"),
    HostingError("unsupported_media_type"),
)
REPLAYS = (
    HostingError("invalid_idempotency_key"),
    HostingError("idempotency_in_progress"),
    HostingError("idempotency_mismatch"),
)
CHANGED = HostingError("precondition_failed")
PATHS = {
    "id": "The id, as returned when listing or creating.",
    "delivery": "The id of the delivery.",
    "name": "The category's id or its url_key.",
}
LINKS: Schema = {
    "type": "object",
    "description": "URLs of the next and previous pages; null if there is none.",
    "properties": {
        name: {"type": ["string", "null"], "format": "uri"} for name in ("next", "previous")
    },
    "required": ["next", "previous"],
}


def _header(description: str, **schema: Any) -> Schema:
    return {"description": description, "schema": schema}


LIMITS = {
    "RateLimit-Limit": _header("Requests per minute allowed for the key.", type="integer"),
    "RateLimit-Remaining": _header("Requests left in this minute.", type="integer"),
    "RateLimit-Reset": _header("Seconds until the next minute begins.", type="integer"),
}
ETAG = _header("Version of the resource, for If-Match and If-None-Match.", type="string")
LOCATION = _header("URL of the new resource.", type="string", format="uri")
REPLAYED_HEADER = _header("Marks a repeated response.", type="string", const="true")


@dataclass(frozen=True)
class NativeOperation(Operation):
    """What the views' tables do not contain: prose and examples.

    ids: examples of the path's parameters. asked: of the query. sent: of the body, as JSON. example: of the
    answer, one item even where it is a list. headers: of the answer, beside those that every one has. member:
    whether it takes an account. versioned: whether If-Match is honoured; proofs: whether an album's password
    may be proved.
    """

    ids: Examples = field(default_factory=dict)
    asked: Examples = field(default_factory=dict)
    sent: Examples = field(default_factory=dict)
    example: Any = None
    headers: Mapping[str, Schema] = field(default_factory=dict)
    member: bool = True
    versioned: bool = False
    proofs: bool = False


class NativeInspector(Inspector):
    """Reads `accepts`, `answers` and `lists` of a view."""

    about: NativeOperation
    view: NativeView  # type: ignore[override]

    @property
    def _verb(self) -> str:
        return self.method.lower()

    @property
    def _accepts(self) -> type[Serializer]:
        return self.view.accepts.get(self._verb, Nothing)

    @property
    def _is_list(self) -> bool:
        return self._verb in self.view.lists

    def parameters(self) -> Sequence[Parameter]:
        return [*self._in_path(), *self._in_query(), *self._in_headers()]

    def _in_path(self) -> Iterator[Parameter]:
        for name in re.findall(r"{(\w+)}", self.path):
            pattern = re.search(GROUP.format(name), self.path_regex)
            schema = {"type": "string", "pattern": f"^{pattern[1]}$" if pattern else ".+"}
            yield Parameter(name, "path", schema, PATHS[name], self.about.ids.get(name), True)

    def _in_query(self) -> Iterator[Parameter]:
        if self._verb not in {"get", "delete"}:
            return
        query = self._map_basic_serializer(self._accepts(), "request")
        for name, schema in query.get("properties", {}).items():
            description = schema.pop("description", "")
            required = name in query.get("required", ())
            example = self.about.asked.get(name)
            yield Parameter(name, "query", schema, description, example, required)

    def _in_headers(self) -> Iterator[Parameter]:
        text: Schema = {"type": "string"}
        if self._verb == "post":
            yield Parameter(
                "Idempotency-Key",
                "header",
                {**text, "maxLength": LONGEST_KEY},
                "A unique text for each operation: a request repeated with the same key "
                "is carried out only once, and gets the same answer for a day.",
            )
        if self.about.versioned:
            yield Parameter(
                "If-Match",
                "header",
                text,
                "Do it only if this (an ETag) is still the current version.",
            )
        if self._has_version and self._verb == "get":
            yield Parameter(
                "If-None-Match", "header", text, "Answer 304 if the resource is still this version."
            )
        if self.about.proofs:
            yield Parameter(
                PROOF,
                "header",
                text,
                "The `proof` from `POST /albums/{id}/unlock`; separate several with commas.",
            )

    @property
    def _has_version(self) -> bool:
        shape = self.view.answers[self._verb][1]
        return shape is not None and not self._is_list and shape.__name__ != "AccountObject"

    def bodies(self) -> Mapping[str, Content]:
        if self._verb in {"get", "delete"} or self._accepts is Nothing:
            return {}
        name = self._accepts.__name__
        plain = self._map_serializer(self._accepts(), "request")
        form = {
            **plain,
            "properties": {key: in_form(one) for key, one in plain["properties"].items()},
        }
        sends = "file" in plain["properties"]
        if sends:
            plain = _ways(_without(plain, "file"), "url", "base64", *_other_way(plain))
            parts = _ways(form, "file", "url", "base64", *_other_way(form))
            form = _ways(_without(form, "file"), "url", "base64", *_other_way(form))
        else:
            parts = form
        flat = {
            key: value
            for key, value in self.about.sent.items()
            if all(isinstance(one, (str, int)) for one in value.values())
        }
        fields = f"{name}Fields" if sends else f"{name}Form"
        return {
            JSON: Content(self._named(name, plain), self.about.sent),
            MULTIPART: Content(
                self._named(f"{name}Form", parts), _with_file(self.about.sent) if sends else flat
            ),
            URLENCODED: Content(self._named(fields, form), flat),
        }

    def needs_body(self) -> bool:
        # A request that changes nothing is not refused.
        schema = self._map_serializer(self._accepts, "request")
        return bool(schema.get("required")) or "file" in schema["properties"]

    def _named(self, name: str, schema: Schema) -> Schema:
        if name == self._accepts.__name__ and "oneOf" not in schema:
            # Under drf-spectacular's name, since it may need it as a part of another.
            return dict(self.resolve_serializer(self._accepts(), "request").ref)
        self.registry.register_on_missing(
            ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)
        )
        return ref(name)

    def answers(self) -> Mapping[int, Answer]:
        status, shape = self.view.answers[self._verb]
        headers = {**(LIMITS if self.view.is_counted else {}), **self.about.headers}
        if shape is None:
            return {status: Answer("Done; there is nothing more to say.", headers=headers)}
        component = self.resolve_serializer(shape(), "response")
        for name in self.view.shown_once & component.schema["properties"].keys():
            one = component.schema["properties"][name]
            component.schema["properties"][name] = {**one, "type": ["string", "null"]}
        schema = component.ref
        example = self.about.example
        if self._is_list:
            links = {"next": None, "previous": None}
            schema, example = _list_of(schema), {"data": [example], "links": links}
        if self._has_version:
            headers["ETag"] = ETAG
        if status in {201, 202} and "{" not in self.path:
            headers["Location"] = LOCATION
        if self._verb == "post":
            headers[REPLAYED] = REPLAYED_HEADER
        summary = (shape.__doc__ or "").partition("\n")[0]
        content = Content(schema, {"answer": example})
        answers = {status: Answer(summary, {JSON: content}, headers)}
        if self._has_version and self._verb == "get":
            answers[304] = Answer("It is the version that If-None-Match names.", headers=headers)
        return answers

    def refusals(self) -> Sequence[Exception]:
        found: list[Exception] = []
        if self.about.member:
            found += [NoKey(), ACCOUNT_REQUIRED]
        if self.method in WRITES:
            found.append(FORGED)
        if self._accepts is not Nothing:
            found.append(INVALID)
        if self.method in WRITES - {"DELETE"}:
            found += UNREADABLE
        if self.method == "POST":
            found += REPLAYS
        if self.about.versioned:
            found.append(CHANGED)
        return [*found, *super().refusals()]

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return str(super().get_serializer_name(serializer, direction)).removesuffix("Object")

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Schema:
        schema: Schema = super()._map_basic_serializer(serializer, direction)
        if direction == "request":
            schema["additionalProperties"] = False
        else:
            # Every field of an answer is always present; a default only replaces what a row lacks.
            schema["required"] = list(schema["properties"])
            for one in schema["properties"].values():
                one.pop("default", None)
        return schema

    def _get_serializer_field_meta(self, field: Any, direction: str) -> Schema:
        schema: Schema = super()._get_serializer_field_meta(field, direction)
        if direction == "response":
            schema.pop("minLength", None)
        return schema


def _list_of(schema: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"data": {"type": "array", "items": schema}, "links": LINKS},
        "required": ["data", "links"],
    }


def _without(schema: Schema, name: str) -> Schema:
    kept = {key: one for key, one in schema["properties"].items() if key != name}
    return {**schema, "properties": kept}


def _with_file(sent: Examples) -> Examples:
    """Examples with base64 as the forms that people send: with a file in its place."""
    return {
        key: {
            "file": FILE_NAME,
            **{
                name: json.dumps(one) if isinstance(one, dict | list) else one
                for name, one in value.items()
                if name != "base64"
            },
        }
        for key, value in sent.items()
        if "base64" in value
    }


def _ways(schema: Schema, *names: str) -> Schema:
    """Exactly one of these is sent."""
    return {**schema, "oneOf": [{"required": [name]} for name in names]}


def _other_way(schema: Schema) -> list[str]:
    return ["source"] if "source" in schema["properties"] else []
