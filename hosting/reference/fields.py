"""Fields: parameters and members as a page shows them, and as a form asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hosting import markdown
from hosting.reference.examples import Examples, examples_of
from hosting.reference.schemas import Schema, Schemas, is_file, is_json

# How deep nested members are shown; deeper ones have a schema of their own, or appear in the example.
DEEPEST = 3
# Texts longer than this are typed into a box of several lines.
LINE = 300
NO_TEXT = SafeString()


@dataclass(frozen=True)
class Field:
    """One parameter or member.

    where: path, query, header, cookie, body, or answer. kind: its type in JSON's words, `link` the object that
    it names. bounds: in the page's language. control: what a form asks with: file, file-or-text, files, choice,
    boolean, number, list, object, lines or text. given: whether `example` is the document's own.
    """

    name: str
    where: str
    kind: str
    link: str = ""
    required: bool = False
    nullable: bool = False
    deprecated: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    text: SafeString = NO_TEXT
    example: Any = None
    given: bool = False
    control: str = "text"
    least: str = ""
    most: str = ""
    longest: str = ""
    parts: tuple[Field, ...] = ()

    @property
    def is_file(self) -> bool:
        """Whether bytes may be sent."""
        return self.control.startswith("file")


class Fields:
    """Makes fields of one document's schemas. `linked` gathers the objects that they name."""

    def __init__(self, schemas: Schemas, examples: Examples) -> None:
        self._schemas = schemas
        self._examples = examples
        self.linked: dict[str, None] = {}

    def parameter(self, node: Mapping[str, Any]) -> Field:
        """A parameter of an operation."""
        contents: list[Mapping[str, Any]] = list(node.get("content", {}).values())
        schema = node.get("schema") or (contents[0].get("schema", {}) if contents else {})
        extra = {key: node[key] for key in ("description", "deprecated") if key in node}
        if given := examples_of(node):
            extra["example"] = given[0]
        needed = node.get("required", False) or node["in"] == "path"
        return self._field(node["name"], {**schema, **extra}, node["in"], needed, depth=DEEPEST)

    def members(self, node: Schema, where: str = "body", *, depth: int = 0) -> tuple[Field, ...]:
        """The members of an object; of a request's body without what only answers hold."""
        plain = self._schemas.plain(node)
        needed = set(plain.get("required", ()))
        left_out = "readOnly" if where == "body" else "writeOnly"
        return tuple(
            self._field(name, one, where, name in needed, depth=depth)
            for name, one in plain.get("properties", {}).items()
            if not one.get(left_out)
        )

    def kind_of(self, node: Schema) -> tuple[str, str]:
        """The type in JSON's words, and the object that it names."""
        plain = self._schemas.plain(node)
        if name := self._schemas.name_of(node):
            self.linked[name] = None
            return name, name
        if plain.get("anyOf"):
            kinds = dict(self.kind_of(other) for other in plain["anyOf"])
            return " | ".join(kinds), next(filter(None, kinds.values()), "")
        if plain["type"] == "array":
            kind, link = self.kind_of(plain.get("items", {}))
            return f"array of {kind}" if kind != "any" else "array", link
        if is_file(plain):
            return "file", ""
        if is_json(plain.get("contentMediaType", "")):
            return "JSON", ""
        said = plain.get("format", "")
        return f"{plain['type']}, {said}" if said and said != "double" else plain["type"], ""

    def _field(self, name: str, node: Schema, where: str, required: bool, *, depth: int) -> Field:
        plain = self._schemas.plain(node)
        kind, link = self.kind_of(node)
        inner = plain if plain["type"] == "object" else plain.get("items", {})
        parts: tuple[Field, ...] = ()
        if not link and depth < DEEPEST and not plain.get("anyOf"):
            parts = self.members(inner, where, depth=depth + 1)
        default, control = plain.get("default"), self._control(plain)
        return Field(
            name=name,
            where=where,
            kind=kind,
            link=link,
            required=required,
            nullable=bool(plain.get("nullable")),
            deprecated=bool(plain.get("deprecated")),
            default="" if default is None or default == "" else _word(default),
            choices=tuple(_word(word) for word in _choices(plain) if word != ""),
            bounds=tuple(_bounds(plain)),
            text=markdown.render(plain.get("description", "")),
            example=self._examples.of(node, name=name, of_request=where != "answer"),
            given=bool(examples_of(plain)),
            # A header has one line, however long.
            control="text" if where == "header" and control == "lines" else control,
            least=str(plain.get("minimum", "")),
            most=str(plain.get("maximum", "")),
            longest=str(plain.get("maxLength", "")),
            parts=parts,
        )

    def _control(self, plain: Schema) -> str:
        if plain.get("anyOf"):
            controls = {self._control(self._schemas.plain(other)) for other in plain["anyOf"]}
            if "file" in controls:
                return "file" if controls == {"file"} else "file-or-text"
            return "object" if "object" in controls else "text"
        if plain.get("enum"):
            return "choice"
        if is_file(plain):
            return "file"
        if is_json(plain.get("contentMediaType", "")):
            return "object"
        match plain["type"]:
            case "array":
                inner = self._control(self._schemas.plain(plain.get("items", {})))
                if inner == "choice":
                    return "list"
                return {"file": "files", "file-or-text": "files", "object": "object"}.get(
                    inner, "list"
                )
            case "boolean" | "object":
                return str(plain["type"])
            case "integer" | "number":
                return "number"
        return "lines" if plain.get("maxLength", 0) > LINE else "text"


def _choices(plain: Schema) -> list[Any]:
    return list(plain.get("enum") or plain.get("items", {}).get("enum") or [])


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bounds(plain: Schema) -> list[str]:
    """What the schema demands of the value, in the page's language."""
    said = [
        *_range(plain.get("minimum"), plain.get("maximum"), _of_numbers),
        *_range(plain.get("minLength"), plain.get("maxLength"), _of_characters),
        *_range(plain.get("minItems"), plain.get("maxItems"), _of_items),
    ]
    if "exclusiveMinimum" in plain:
        said.append(_("more than %(least)s") % {"least": plain["exclusiveMinimum"]})
    if "exclusiveMaximum" in plain:
        said.append(_("less than %(most)s") % {"most": plain["exclusiveMaximum"]})
    if plain.get("multipleOf"):
        said.append(_("a multiple of %(step)s") % {"step": plain["multipleOf"]})
    return said


def _range(least: Any, most: Any, words: Callable[[int, int], dict[str, str]]) -> list[str]:
    if least is None and most is None:
        return []
    said = words(least or 0, most or 0)
    which = "low" if most is None else "high" if least is None else "both"
    if least is not None and least == most:
        which = "exact"
    return [said[which] % {"least": least, "most": most}]


def _of_numbers(least: int, most: int) -> dict[str, str]:
    return {
        "low": _("at least %(least)s"),
        "high": _("at most %(most)s"),
        "both": _("%(least)s to %(most)s"),
        "exact": "%(least)s",
    }


def _of_characters(least: int, most: int) -> dict[str, str]:
    return {
        "low": ngettext("at least %(least)s character", "at least %(least)s characters", least),
        "high": ngettext("at most %(most)s character", "at most %(most)s characters", most),
        "both": ngettext(
            "%(least)s to %(most)s character", "%(least)s to %(most)s characters", most
        ),
        "exact": ngettext("%(least)s character", "%(least)s characters", least),
    }


def _of_items(least: int, most: int) -> dict[str, str]:
    return {
        "low": ngettext("at least %(least)s item", "at least %(least)s items", least),
        "high": ngettext("at most %(most)s item", "at most %(most)s items", most),
        "both": ngettext("%(least)s to %(most)s item", "%(least)s to %(most)s items", most),
        "exact": ngettext("%(least)s item", "%(least)s items", least),
    }
