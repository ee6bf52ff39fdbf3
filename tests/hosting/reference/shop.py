"""A document with everything that the reference knows to show."""

from __future__ import annotations

from typing import Any

BASE = "https://pictures.example.org"

PICTURE: dict[str, Any] = {
    "type": "object",
    "description": "One *picture*.",
    "required": ["id", "size"],
    "properties": {
        "id": {"type": "string", "readOnly": True, "examples": ["Ab3dE5fG7hJ"]},
        "size": {"type": "integer", "minimum": 1, "description": "In bytes."},
        "taken": {"type": ["string", "null"], "format": "date-time"},
        "album": {"oneOf": [{"$ref": "#/components/schemas/Album"}, {"type": "null"}]},
        "secret": {"type": "string", "writeOnly": True},
    },
}
ALBUM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "pictures": {"type": "array", "items": {"$ref": "#/components/schemas/Picture"}},
        "cover": {
            "type": "object",
            "properties": {
                "url": {"type": "string", "format": "uri"},
                "width": {"type": "integer"},
            },
        },
    },
}
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["source"],
    "properties": {
        "source": {
            "oneOf": [{"type": "string", "format": "binary"}, {"type": "string"}],
            "description": "A file, base64 text or a URL.",
        },
        "title": {"type": "string", "maxLength": 100, "description": "Shown **over** it."},
        "privacy": {"enum": ["public", "private"], "default": "public"},
        "width": {"type": "integer", "minimum": 1, "maximum": 9999},
        "nsfw": {"type": "boolean", "default": False},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 1},
    },
}
URLENCODED: dict[str, Any] = {
    **FORM,
    "properties": {
        **FORM["properties"],
        "source": {"type": "string", "description": "base64 or a URL."},
    },
}
MISSING: dict[str, Any] = {
    "description": "Not Found",
    "content": {
        "application/problem+json": {
            "schema": {"type": "object", "properties": {"code": {"type": "string"}}},
            "examples": {
                "unknown": {"value": {"code": "unknown"}},
                "gone": {"value": {"code": "gone"}},
            },
        }
    },
}


def _answer(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": "Done", "content": {"application/json": {"schema": schema}}, **more}


ONE = {"$ref": "#/components/schemas/Picture"}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Shop",
        "version": "1.2.0",
        "description": "Sells **pictures**. <script>alert(1)</script> [bad](javascript:alert(1))\n\n# Big",
    },
    "tags": [{"name": "Pictures", "description": "What is sold."}, {"name": "Empty"}],
    "security": [{"header": []}, {"bearer": []}],
    "paths": {
        "/shop/pictures": {
            "post": {
                "tags": ["Pictures"],
                "operationId": "pictures_create",
                "summary": "Hand in a picture",
                "requestBody": {
                    "content": {
                        "application/json": {"schema": URLENCODED},
                        "multipart/form-data": {"schema": FORM},
                        "application/x-www-form-urlencoded": {"schema": URLENCODED},
                    }
                },
                "responses": {
                    "201": _answer(ONE, headers={"Location": {"description": "Where it is."}}),
                    "404": MISSING,
                },
            },
            "get": {
                "tags": ["Pictures"],
                "operationId": "pictures_list",
                "summary": "All pictures",
                "security": [{}, {"header": []}],
                "parameters": [
                    {"name": "size", "in": "query", "schema": {"type": "integer", "maximum": 100},
                     "example": 10},
                    {"$ref": "#/components/parameters/Sort"},
                ],
                "responses": {"200": _answer({"type": "array", "items": ONE})},
            },
        },
        "/shop/pictures/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"},
                 "example": "Ab3/E5"},
            ],
            "patch": {
                "operationId": "pictures_change",
                "summary": "Change a picture",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": ONE,
                            "example": {"size": 5, "album": None, "note": "it's"},
                        }
                    }
                },
                "responses": {"200": _answer(ONE)},
            },
            "delete": {
                "operationId": "pictures_delete",
                "summary": "Delete a picture",
                "deprecated": True,
                "responses": {"204": {"description": "Gone"}},
            },
        },
        "/shop/pictures/{id}/file": {
            "get": {
                "operationId": "pictures_file",
                "summary": "The bytes",
                "security": [],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "The file",
                        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
                    }
                },
            },
            "put": {
                "operationId": "pictures_put",
                "summary": "Other bytes",
                "security": [{"query": []}],
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "requestBody": {"required": True, "content": {"image/png": {}}},
                "responses": {"200": {"description": "Done", "content": {"text/plain": {}}}},
            },
        },
    },
    "components": {
        "schemas": {"Picture": PICTURE, "Album": ALBUM},
        "parameters": {
            "Sort": {"name": "sort", "in": "query", "schema": {"enum": ["new", "old", None]}},
            "Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
        },
        "securitySchemes": {
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The *key*."},
            "bearer": {"type": "http", "scheme": "bearer"},
            "query": {"type": "apiKey", "in": "query", "name": "key"},
        },
    },
}  # fmt: skip
