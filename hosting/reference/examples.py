"""Examples of what a schema describes: its own, or one generated from its keywords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hosting.reference.schemas import Schema, Schemas, is_file

# Deeper than any answer is read.
DEEPEST = 6
FILE = "picture.jpg"
BY_FORMAT = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00",
    "duration": "P1D",
    "email": "alice@example.org",
    "uri": "https://example.org/picture.jpg",
    "uuid": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "byte": "iVBORw0KGgo=",
    "binary": FILE,
}


def examples_of(node: Mapping[str, Any]) -> list[Any]:
    """The examples that a parameter, a header or a media type gives, in whichever spelling."""
    if "example" in node:
        return [node["example"]]
    given = node.get("examples") or []
    if isinstance(given, Mapping):
        return [one["value"] for one in given.values() if "value" in one]
    return list(given)


class Examples:
    """Examples by one document's schemas. of_request: without what only answers hold, or the other way."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def of(self, node: Schema, *, name: str = "", of_request: bool = False) -> Any:
        """A value that `node` allows; `name` is its name in the enclosing object."""
        return self._make(node, name, "readOnly" if of_request else "writeOnly", ())

    def _make(self, node: Schema, name: str, leave_out: str, above: tuple[str, ...]) -> Any:
        plain = self._schemas.plain(node)
        if given := examples_of(plain):
            return given[0]
        for word in ("const", "default"):
            if plain.get(word) is not None:
                return plain[word]
        if plain.get("enum"):
            return plain["enum"][0]
        if plain.get("anyOf"):
            return self._make(plain["anyOf"][0], name, leave_out, above)
        component = self._schemas.name_of(node)
        if len(above) > DEEPEST or (component and component in above):
            return [] if plain["type"] == "array" else None
        below = (*above, component or "-")
        match plain["type"]:
            case "object":
                return {
                    key: self._make(value, key, leave_out, below)
                    for key, value in plain.get("properties", {}).items()
                    if not value.get(leave_out)
                }
            case "array":
                one = self._make(plain.get("items", {}), name, leave_out, below)
                return [] if one is None else [one]
            case "boolean":
                return False
            case "integer" | "number":
                return _number(plain)
            case _:
                return _text(plain, name)


def _number(plain: Schema) -> float:
    least: float = plain.get("minimum", plain.get("exclusiveMinimum", 0))
    most: float = plain.get("maximum", 1)
    if least > 0:
        return least if "minimum" in plain else least + 1
    return min(1, most)


def _text(plain: Schema, name: str) -> str:
    if is_file(plain):
        return FILE
    if made := BY_FORMAT.get(plain.get("format", "")):
        return made
    if plain["type"] == "any":
        return "…"
    return name if len(name) <= plain.get("maxLength", len(name)) else name[: plain["maxLength"]]
