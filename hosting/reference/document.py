"""`read`: an OpenAPI document as sections of operations, each with all that a page says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from django.utils.safestring import SafeString
from django.utils.text import slugify

from hosting import markdown
from hosting.reference import calls, samples
from hosting.reference.calls import ENCODINGS, KEY, Call, KeyPlace
from hosting.reference.examples import Examples, examples_of
from hosting.reference.fields import Field, Fields
from hosting.reference.samples import Sample
from hosting.reference.schemas import COMPONENT, Schemas, is_file, is_json

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
PLACES = ("path", "query", "header", "cookie")
# The prefix of headers that say nothing about the call itself.
COUNTING = "RateLimit-"
# Characters that may not be in the id of an element.
UNFIT = re.compile(r"[^\w.-]+", re.ASCII)
# What a file is saved as that comes back, by its media type.
SAVED_AS = {"image/png": "result.png", "image/webp": "result.webp", "application/zip": "result.zip",
            "application/pdf": "result.pdf"}  # fmt: skip


@dataclass(frozen=True)
class Body:
    """One way to send the body. kind: form, json or raw. example: JSON, for a box to write in."""

    encoding: str
    kind: str
    fields: tuple[Field, ...]
    link: str = ""
    example: str = ""


@dataclass(frozen=True)
class Header:
    """A header of an answer."""

    name: str
    text: SafeString


@dataclass(frozen=True)
class Answer:
    """What comes back with one status. kind: json, text, file or nothing. examples: titles and texts."""

    status: str
    reason: str
    text: SafeString
    kind: str
    media: tuple[str, ...] = ()
    type: str = ""
    link: str = ""
    fields: tuple[Field, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    headers: tuple[Header, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it is a success."""
        return self.status[:1] in "23"


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    title: str
    text: SafeString
    deprecated: bool
    groups: tuple[tuple[str, tuple[Field, ...]], ...]
    bodies: tuple[Body, ...]
    answers: tuple[Answer, ...]
    key: KeyPlace | None
    needs_key: bool
    call: Call

    @property
    def code(self) -> dict[str, Sample]:
        """The call as code, by language."""
        return samples.code(self.call)

    @property
    def shown(self) -> Answer | None:
        """The answer to show beside the code: the first good one that has something to see."""
        good = [one for one in self.answers if one.is_good]
        return next((one for one in good if one.examples), good[0] if good else None)

    @property
    def sendings(self) -> list[tuple[list[str], tuple[Field, ...]]]:
        """The body's media types with its members: all of the first, and of others what differs."""
        if not self.bodies:
            return []
        known = {one.name: _look(one) for one in self.bodies[0].fields}
        values: dict[tuple[object, ...], tuple[list[str], tuple[Field, ...]]] = {}
        values[()] = ([self.bodies[0].encoding], self.bodies[0].fields)
        for body in self.bodies[1:]:
            differing = tuple(one for one in body.fields if known.get(one.name) != _look(one))
            looks = tuple((one.name, *_look(one)) for one in differing)
            values.setdefault(looks, ([], differing))[0].append(body.encoding)
        return list(values.values())

    @property
    def tries(self) -> list[Body]:
        """The ways to send the body from a page: one form, or one text, or the bytes themselves."""
        by_kind = {body.kind: body for body in reversed(self.bodies)}
        return [body for body in self.bodies if by_kind[body.kind] is body]


@dataclass(frozen=True)
class Section:
    """Operations of one theme."""

    id: str
    title: str
    text: SafeString
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Object:
    """A thing that several answers hold, by its name in the document."""

    name: str
    text: SafeString
    fields: tuple[Field, ...]
    example: str


@dataclass(frozen=True)
class Reference:
    """A whole document. keys: the ways to send a key, as written in requests, each with its description."""

    title: str
    version: str
    text: SafeString
    keys: tuple[tuple[str, SafeString], ...]
    sections: tuple[Section, ...]
    objects: tuple[Object, ...]

    @property
    def operations(self) -> list[Operation]:
        """All operations in their order."""
        return [one for section in self.sections for one in section.operations]


def read(document: Mapping[str, Any], base: str) -> Reference:
    """`document` (OpenAPI 3.1) for a site at the address `base`. Raises KeyError for broken references."""
    return _Reader(document, base).reference()


class _Reader:
    def __init__(self, document: Mapping[str, Any], base: str) -> None:
        self.document = document
        self.base = base
        self.schemas = Schemas(document)
        self.examples = Examples(self.schemas)
        self.fields = Fields(self.schemas, self.examples)
        self.schemes = document.get("components", {}).get("securitySchemes", {})

    def reference(self) -> Reference:
        info = self.document["info"]
        return Reference(
            title=info["title"],
            version=info["version"],
            text=markdown.render(info.get("description", "")),
            keys=tuple(self._keys()),
            sections=tuple(self._sections(info["title"])),
            objects=tuple(self._objects()),
        )

    def _keys(self) -> Iterator[tuple[str, SafeString]]:
        for name, scheme in self.schemes.items():
            if place := calls.key_place(self.schemes, [{name: []}]):
                written = f"{place.name}: {place.prefix}{KEY}"
                if place.where == "query":
                    written = f"?{place.name}={KEY}"
                yield written, markdown.render(scheme.get("description", ""))

    def _sections(self, title: str) -> Iterator[Section]:
        tags = {tag["name"]: tag for tag in self.document.get("tags", [])}
        found: dict[str, list[Operation]] = {name: [] for name in tags}
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    operation = item[method]
                    tag = (operation.get("tags") or [""])[0]
                    found.setdefault(tag, []).append(self._operation(method, path, item))
        for name, operations in found.items():
            if operations:
                tag = tags.get(name, {})
                shown = tag.get("x-displayName") or name or title
                yield Section(
                    f"section-{slugify(name) or 'all'}",
                    shown,
                    markdown.render(tag.get("description", "")),
                    tuple(operations),
                )

    def _operation(self, method: str, path: str, item: Mapping[str, Any]) -> Operation:
        node = item[method]
        needed = node.get("security", self.document.get("security", []))
        key = calls.key_place(self.schemes, needed)
        parameters = self._parameters(item, node, key)
        answers = tuple(self._answers(node))
        bodies = tuple(self._bodies(node))
        call = calls.make(method.upper(), self.base, path, parameters, key)
        # Bytes that may be left out are: a sample knows none.
        needed_body = self.schemas.follow(node.get("requestBody", {})).get("required")
        if bodies and (bodies[0].kind != "raw" or needed_body):
            call = self._with_body(call, node, bodies, key)
        good = next((one for one in answers if one.is_good), None)
        if good:
            saved_as = SAVED_AS.get(good.media[0] if good.media else "", "result.jpg")
            said = any(not one.name.startswith(COUNTING) for one in good.headers)
            kind = "headers" if good.kind == "nothing" and said else good.kind
            call = replace(call, answers=kind, saved_as=saved_as)
        return Operation(
            id=UNFIT.sub("-", node.get("operationId") or method + path),
            method=method.upper(),
            path=path,
            title=node.get("summary") or f"{method.upper()} {path}",
            text=markdown.render(node.get("description", "")),
            deprecated=node.get("deprecated", False),
            groups=tuple(
                (where, tuple(one for one in parameters if one.where == where))
                for where in PLACES
                if any(one.where == where for one in parameters)
            ),
            bodies=bodies,
            answers=answers,
            key=key,
            needs_key=bool(key) and {} not in needed,
            call=call,
        )

    def _parameters(
        self, item: Mapping[str, Any], node: Mapping[str, Any], key: KeyPlace | None
    ) -> list[Field]:
        """Parameters of the path and of the operation, which takes precedence; the key is shown separately."""
        nodes = [
            self.schemas.follow(one)
            for one in (*item.get("parameters", []), *node.get("parameters", []))
        ]
        found = {(one["in"], one["name"]): self.fields.parameter(one) for one in nodes}
        if key is not None:
            found.pop((key.where, key.name), None)
        return list(found.values())

    def _bodies(self, node: Mapping[str, Any]) -> Iterator[Body]:
        content = self.schemas.follow(node.get("requestBody", {})).get("content", {})
        order = [*(one for one in ENCODINGS if one in content), *content]
        for encoding in dict.fromkeys(order):
            schema = content[encoding].get("schema", {})
            kind = "json" if is_json(encoding) else "form" if encoding in ENCODINGS else "raw"
            given = examples_of(content[encoding])
            example = ""
            if kind == "json":
                made = given[0] if given else self.examples.of(schema, of_request=True)
                example = _pretty(made)
            members = () if kind == "raw" else self.fields.members(schema)
            link = "" if members else self.fields.kind_of(schema)[1]
            yield Body(encoding, kind, members, link, example)

    def _with_body(
        self, call: Call, node: Mapping[str, Any], bodies: tuple[Body, ...], key: KeyPlace | None
    ) -> Call:
        content = self.schemas.follow(node["requestBody"])["content"]
        sent = self._sent(call, content, bodies[0], key)
        if sent.files or sent.raw:
            return sent
        # A call without a file is clearest as JSON.
        plainest = [body for body in bodies if body.kind == "json"] or [bodies[-1]]
        return self._sent(call, content, plainest[0], key)

    def _sent(
        self, call: Call, content: Mapping[str, Any], body: Body, key: KeyPlace | None
    ) -> Call:
        schema = content[body.encoding].get("schema", {})
        given = examples_of(content[body.encoding]) or examples_of(self.schemas.plain(schema))
        if not given and body.kind == "json" and not body.fields:
            given = [json.loads(body.example)]
        return calls.with_body(call, body.encoding, body.fields, given, key is not None)

    def _answers(self, node: Mapping[str, Any]) -> Iterator[Answer]:
        for status, answer in node.get("responses", {}).items():
            one = self.schemas.follow(answer)
            content = one.get("content", {})
            media = next(iter(content), "")
            schema = content.get(media, {}).get("schema", {})
            kind = self._kind(media, schema)
            type_, link = self.fields.kind_of(schema) if kind == "json" and schema else ("", "")
            plain = self.schemas.plain(schema) if schema else {}
            members = schema if plain.get("type") != "array" else plain.get("items", {})
            shown = kind == "json" and not link and schema
            headers = one.get("headers", {}).items()
            reason = _reason(str(status))
            said = one.get("description", "")
            yield Answer(
                status=str(status),
                reason=reason,
                text=markdown.render("" if said == reason else said),
                kind=kind,
                media=tuple(content),
                type=type_,
                link=link,
                fields=self.fields.members(members, "answer") if shown else (),
                examples=tuple(self._examples(content, kind)),
                headers=tuple(Header(name, self._said(header)) for name, header in headers),
            )

    def _kind(self, media: str, schema: Mapping[str, Any]) -> str:
        if not media:
            return "nothing"
        if is_json(media):
            return "json"
        if media.startswith("text/"):
            return "text"
        return "file" if not schema or is_file(self.schemas.plain(schema)) else "text"

    def _examples(self, content: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
        """Those that the document gives; else, for JSON, one made of the schema."""
        for media, node in content.items():
            named = node.get("examples")
            if isinstance(named, Mapping):
                for name, one in named.items():
                    if "value" in one:
                        yield one.get("summary") or name, _pretty(one["value"])
            elif given := examples_of(node):
                yield ("" if len(content) == 1 else media), _pretty(given[0])
            elif kind == "json" and "schema" in node:
                yield (
                    ("" if len(content) == 1 else media),
                    _pretty(self.examples.of(node["schema"])),
                )

    def _said(self, header: Mapping[str, Any]) -> SafeString:
        return markdown.render(self.schemas.follow(header).get("description", ""))

    def _objects(self) -> Iterator[Object]:
        """What the operations named, and what that names again."""
        shown: dict[str, Object] = {}
        while left := [name for name in self.fields.linked if name not in shown]:
            for name in left:
                plain = self.schemas.component(name)
                shown[name] = Object(
                    name=name,
                    text=markdown.render(plain.get("description", "")),
                    fields=self.fields.members(plain, "answer"),
                    example=_pretty(self.examples.of({"$ref": COMPONENT + name})),
                )
        yield from sorted(shown.values(), key=lambda one: one.name)


def _look(one: Field) -> tuple[object, ...]:
    return one.kind, one.required, one.choices, one.text, one.bounds


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _reason(status: str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return ""
