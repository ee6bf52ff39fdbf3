"""Schemas: a document's JSON schemas with their references followed and their spellings made one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

COMPONENT = "#/components/schemas/"


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def follow(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """`node`, or what it refers to with what it says itself. Raises KeyError where nothing is there."""
        seen: set[str] = set()
        values: dict[str, Any] = dict(node)
        while isinstance(reference := values.pop("$ref", None), str):
            if reference in seen or not reference.startswith("#/"):
                raise KeyError(reference)
            seen.add(reference)
            found: Any = self._document
            for step in reference[2:].split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            values = {**found, **values}
        return values

    def plain(self, node: Schema) -> dict[str, Any]:
        """`node` as one flat schema: `type` is one word, `nullable` is separate, allOf is merged.

        Alternatives stay in `anyOf`, each without null.
        """
        values = self.follow(node)
        for part in values.pop("allOf", []):
            values = _merged(self.plain(part), values)
        others = values.pop("oneOf", None) or values.pop("anyOf", None)
        kinds = values.get("type")
        if isinstance(kinds, list):
            values["nullable"] = values.get("nullable", False) or "null" in kinds
            kinds = [kind for kind in kinds if kind != "null"]
            values["type"] = kinds[0] if len(kinds) == 1 else None
            if len(kinds) > 1:
                others = [{**values, "type": kind, "nullable": False} for kind in kinds]
        if others:
            values = self._chosen(values, others)
        if isinstance(values.get("enum"), list) and None in values["enum"]:
            values = {
                **values,
                "nullable": True,
                "enum": [x for x in values["enum"] if x is not None],
            }
        if not values.get("type"):
            values["type"] = "object" if "properties" in values else _kind_of(values.get("enum"))
        return values

    def _chosen(self, values: dict[str, Any], others: list[Schema]) -> dict[str, Any]:
        plain = [self.plain(other) for other in others]
        left = [one for one in plain if one["type"] != "null" and one.get("enum") != []]
        nullable = values.get("nullable", False) or len(left) < len(plain)
        if any(one.get("nullable") for one in left):
            nullable = True
        values = {**values, "nullable": nullable}
        if len(left) == 1:
            return _merged(left[0], values)
        if left and all("enum" in one for one in left):
            words = [word for one in left for word in one["enum"]]
            return {**values, "type": left[0]["type"], "enum": words}
        return {**values, "anyOf": [o for o, one in zip(others, plain, strict=True) if one in left]}

    def name_of(self, node: Schema) -> str:
        """The name of the component that `node` is, where that is an object with members; else nothing."""
        for reference in self._references(node):
            name = reference.removeprefix(COMPONENT)
            if name != reference and self.plain({"$ref": reference}).get("properties"):
                return name
        return ""

    def _references(self, node: Schema) -> Iterator[str]:
        """The references that replace all of `node`: its own, or the only one beside null."""
        if "$ref" in node:
            yield node["$ref"]
        elif "properties" not in node:
            for word in ("allOf", "oneOf", "anyOf"):
                parts = [part for part in node.get(word, ()) if part.get("type") != "null"]
                if len(parts) == 1:
                    yield from self._references(parts[0])

    def component(self, name: str) -> dict[str, Any]:
        """The object of this name. Raises KeyError."""
        return self.plain({"$ref": COMPONENT + name})


def is_file(plain: Schema) -> bool:
    """Whether the value is bytes, by 3.0's word or by 3.1's; a text that holds JSON is none."""
    if plain.get("type") != "string":
        return False
    media = "" if "contentEncoding" in plain else plain.get("contentMediaType", "")
    return plain.get("format") == "binary" or (bool(media) and not is_json(media))


def is_json(media: str) -> bool:
    """Whether a media type is JSON, or made of it."""
    return media == "application/json" or media.endswith("+json")


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    values = {**under, **over}
    if "properties" in under and "properties" in over:
        values["properties"] = {**under["properties"], **over["properties"]}
    if "required" in under and "required" in over:
        values["required"] = [*under["required"], *over["required"]]
    if under.get("nullable"):
        values["nullable"] = True
    return values


def _kind_of(words: Any) -> str:
    if words and all(isinstance(word, bool) for word in words):
        return "boolean"
    if words and all(isinstance(word, int) for word in words):
        return "integer"
    return "string" if words else "any"
