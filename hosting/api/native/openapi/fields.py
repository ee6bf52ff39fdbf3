"""What drf-spectacular cannot know of this API's own fields: the schemas of what they read."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from hosting.api.schema.bodies import BINARY
from hosting.api.schema.models import ref, schema_of
from hosting.api.schema.operation import Schema
from hosting.jobs.pipelines import FILE, OPERATION, WATERMARK
from processing import OPERATIONS, Overlay

# mypy: disable-error-code="no-untyped-call"

OVERLAY = "Overlay"
STEP = "Step"


class UploadField(OpenApiSerializerFieldExtension):
    """A file part of a form."""

    target_class = "hosting.api.native.fields.Upload"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return {**BINARY, "description": "The file's bytes."}


class LongTextField(OpenApiSerializerFieldExtension):
    """The text of a file's bytes."""

    target_class = "hosting.api.native.fields.LongText"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return {
            "type": "string",
            "contentEncoding": "base64",
            "minLength": 2,
            "description": "The bytes as base64, with or without `data:image/…;base64,` before it.",
        }


class TagsField(OpenApiSerializerFieldExtension):
    """Words."""

    target_class = "hosting.api.native.fields.Tags"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        text = {"type": "string", "maxLength": 2000}
        return {
            "type": ["array", "string"],
            "items": text,
            "maxLength": 2000,
            "description": "A list, or one string separated by commas.",
        }


def steps() -> dict[str, Schema]:
    """The schemas of a pipeline's steps, from the models that check them."""
    found = {
        f"Step-{name}": _step(name, schema_of(operation)) for name, operation in OPERATIONS.items()
    }
    mapping = {name: f"#/components/schemas/Step-{name}" for name in OPERATIONS}
    return {
        STEP: {
            "oneOf": [ref(name) for name in found],
            "discriminator": {"propertyName": OPERATION, "mapping": mapping},
        },
        **found,
        OVERLAY: _overlay(),
    }


def _step(name: str, model: Schema) -> Schema:
    schema: Schema = {OPERATION: {"type": "string", "const": name}}
    if name == WATERMARK:
        overlays = {"type": "array", "minItems": 1, "maxItems": 5, "items": ref(OVERLAY)}
        schema["overlays"] = overlays
        required = ["overlays"]
    else:
        schema |= model.get("properties", {})
        required = model.get("required", [])
    return {
        "type": "object",
        "description": model.get("description", ""),
        "properties": schema,
        "required": [OPERATION, *required],
        "additionalProperties": False,
    }


def _overlay() -> Schema:
    schema = schema_of(Overlay)
    rest = {
        key: one for key, one in schema["properties"].items() if key not in {"source", "limits"}
    }
    id = {"type": "string", "description": "The id of one of your files.", "minLength": 1}
    return {
        "type": "object",
        "description": "One of your files, with its position and size on the picture.",
        "properties": {FILE: id, **rest},
        "required": [FILE],
        "additionalProperties": False,
    }
