"""What is sent, in the three encodings that every API here takes: multipart, urlencoded, JSON."""

from __future__ import annotations

from typing import Any

from hosting.api.schema.operation import Content, Examples, Schema

JSON = "application/json"
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
BINARY: Schema = {"type": "string", "format": "binary"}
# The placeholder for a file in an example of a form.
FILE_NAME = "picture.jpg"


def object_of(
    properties: dict[str, Schema], *, required: tuple[str, ...] = (), **more: Any
) -> Schema:
    """An object with these members."""
    schema: Schema = {"type": "object", "properties": properties, **more}
    return {**schema, "required": list(required)} if required else schema


def bodies(
    schema: Schema, sent: Examples, *, parts: Examples | None = None, text: bool = False
) -> dict[str, Content]:
    """The same object in all encodings.

    sent: examples of it without files; parts: of a form with them. text: files may be texts of base64 too;
    otherwise only a form of parts has them.
    """
    plain = _with_texts(schema) if text else _without_files(schema)
    form = {key: in_form(one) for key, one in plain["properties"].items()}
    flat = {
        name: value
        for name, value in sent.items()
        if all(isinstance(one, str | int | float) for one in value.values())
    }
    with_files = {
        key: one if _is_file(one) else in_form(one) for key, one in schema["properties"].items()
    }
    return {
        MULTIPART: Content({**schema, "properties": with_files}, flat if parts is None else parts),
        URLENCODED: Content({**plain, "properties": form}, flat),
        JSON: Content({**plain, "properties": _or_null(plain)}, sent),
    }


def in_form(schema: Schema) -> Schema:
    """How a form holds a value: objects as a text of JSON, nothing as an empty text."""
    kind, items = schema.get("type"), schema.get("items", {})
    if (
        {"$ref", "allOf"} & schema.keys()
        or "$ref" in items
        or "object" in (kind, items.get("type"))
    ):
        description = schema.get("description", "")
        return {
            "type": "string",
            "contentMediaType": JSON,
            "contentSchema": {key: one for key, one in schema.items() if key != "description"},
            "description": f"{description} As a text of JSON.".strip(),
        }
    if isinstance(kind, list) and "null" in kind:
        rest = [one for one in kind if one != "null"]
        values = {**schema, "type": rest[0] if len(rest) == 1 else rest}
        # An empty text is nothing, and so is not too short.
        values.pop("minLength", None)
        if "enum" in values:
            values["enum"] = [one for one in values["enum"] if one is not None]
        return values
    return schema


def _or_null(schema: Schema) -> dict[str, Schema]:
    """The members of an object in JSON, where null is as if it were not there."""
    required = schema.get("required", ())
    properties = {}
    for name, one in schema["properties"].items():
        properties[name] = one
        if name not in required and isinstance(one.get("type"), str):
            properties[name] = {**one, "type": [one["type"], "null"]}
            if "enum" in one:
                properties[name]["enum"] = [*one["enum"], None]
    return properties


def _is_file(schema: Schema) -> bool:
    return BINARY["format"] in (schema.get("format"), schema.get("items", {}).get("format"))


def _with_texts(schema: Schema) -> Schema:
    properties = {key: _as_text(one) for key, one in schema["properties"].items()}
    return {**schema, "properties": properties}


def _as_text(schema: Schema) -> Schema:
    if not _is_file(schema):
        return schema
    if "items" in schema:
        return {**schema, "items": _as_text(schema["items"])}
    rest = {key: one for key, one in schema.items() if key != "format"}
    return {**rest, "contentEncoding": "base64"}


def _without_files(schema: Schema) -> Schema:
    kept = {key: one for key, one in schema["properties"].items() if not _is_file(one)}
    remaining = {**schema, "properties": kept}
    for words in ("oneOf", "anyOf"):
        if words in schema:
            remaining[words] = [one for one in schema[words] if set(one["required"]) <= kept.keys()]
    return remaining
