"""JSON Schemas of pydantic's models and of TypedDicts, in the form in which a document names them."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from hosting.api.schema.operation import Schema

PLACE = "#/components/schemas/"


def ref(name: str) -> Schema:
    """The schema that the document has under this name."""
    return {"$ref": PLACE + name}


def schema_of(kind: Any) -> Schema:
    """The schema of `kind`, whole in itself."""
    made = TypeAdapter(kind).json_schema(mode="validation")
    plain: Schema = _plain(made, made.pop("$defs", {}))
    return plain


def _plain(value: Any, definitions: dict[str, Any]) -> Any:
    """A schema without what pydantic makes of Python's names, and with its definitions put in their places."""
    if isinstance(value, list):
        return [_plain(one, definitions) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        found = definitions[value["$ref"].rpartition("/")[2]]
        rest = {key: one for key, one in value.items() if key != "$ref"}
        return _plain({**found, **rest}, definitions)
    schema = {}
    for key, one in value.items():
        if key == "properties":
            schema[key] = {name: _plain(below, definitions) for name, below in one.items()}
        elif not (key == "title" and isinstance(one, str)) and not (
            key == "default" and one is None
        ):
            schema[key] = _plain(one, definitions)
    return _without_null(schema)


def _without_null(schema: Schema) -> Schema:
    """`anyOf` one thing or null, as that thing whose type may be null."""
    ways = schema.get("anyOf", [])
    rest = [one for one in ways if one != {"type": "null"}]
    if len(ways) == 2 and len(rest) == 1 and isinstance(rest[0].get("type"), str):
        others = {key: one for key, one in schema.items() if key != "anyOf"}
        one = {**rest[0], "type": [rest[0]["type"], "null"]}
        if "enum" in one:
            one["enum"] = [*one["enum"], None]
        return {**one, **others}
    return schema
