"""generate(): an API's addresses and descriptions as one OpenAPI document, by drf-spectacular."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import translation
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator

from hosting.api.schema.operation import Api

# mypy: disable-error-code="no-untyped-call"

VERSION = "1.0.0"
GROUP = re.compile(r"\(\?P<(\w+)>([^()]*)\)")
WORDS = re.compile(r"[-\w/]+(?:\|[-\w/]+)+")


def generate(api: Api) -> dict[str, Any]:
    """The document. Raises KeyError for an endpoint without a description."""
    with translation.override("en"):
        return Generator(api).get_schema(public=True)


def paths_of(regex: str) -> Iterator[str]:
    """The paths that an address matches: names in braces, one path for each word of an alternation."""
    path = re.sub(r"\(\?:\\\..*?\)\?", "", regex.removeprefix("^"))
    path = "/" + re.sub(r"/\?(?:\$|\\Z)$", "", path).lstrip("/")
    for group in GROUP.finditer(path):
        if WORDS.fullmatch(group[2]):
            for word in group[2].split("|"):
                yield from paths_of(path.replace(group[0], word))
            return
    yield GROUP.sub(r"{\1}", path)


class Generator(SchemaGenerator):
    """Describes the addresses of one API by its own table of operations."""

    def __init__(self, api: Api) -> None:
        super().__init__(patterns=api.urls)
        self.api = api

    def _initialise_endpoints(self) -> None:
        """The addresses are walked by _found() instead."""

    def _get_paths_and_endpoints(self) -> list[tuple[str, str, str, Any]]:
        found = []
        for path, regex, method, callback in self._found():
            view = self.create_view(callback, method)
            operation = self.api.operations[f"{method} {path}"]
            inspector = operation.inspector or self.api.inspector
            self._set_schema_to_view(view, inspector(self.api, operation))
            found.append((path, regex, method, view))
        return found

    def _found(self) -> Iterator[tuple[str, str, str, Any]]:
        """Path, regular expression, method and view of each endpoint."""
        inspector = EndpointEnumerator(self.api.urls)
        for pattern in self.api.urls:
            if issubclass(pattern.callback.cls, self.api.left_out):
                continue
            regex = str(pattern.pattern)
            for path in paths_of(regex):
                there = inspector.get_allowed_methods(pattern.callback)
                # Every address answers these; they are documented only where an operation describes them.
                also = [
                    one for one in ("HEAD", "OPTIONS") if f"{one} {path}" in self.api.operations
                ]
                for method in (*there, *also):
                    yield path, regex, method, pattern.callback

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        """The document, with what drf-spectacular would take from the settings for all APIs alike."""
        made = super().get_schema(request, public)
        components = made["components"]
        schemas = {**self.api.components, **components.get("schemas", {})}
        schemas[self.api.refusal.name] = self.api.refusal.schema
        return {
            "openapi": made["openapi"],
            "info": {
                "title": self.api.title,
                "version": VERSION,
                "description": self.api.introduction,
            },
            "servers": [{"url": settings.SITE_URL}],
            "tags": [{"name": name, "description": text} for name, text in self.api.tags.items()],
            "paths": made["paths"],
            "components": {
                **components,
                "schemas": dict(sorted(schemas.items())),
                "securitySchemes": dict(self.api.security),
            },
        }
