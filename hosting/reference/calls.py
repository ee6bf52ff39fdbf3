"""Calls: one request of an operation, with values in all that it needs; `samples` writes it as code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from hosting.reference.fields import Field
from hosting.reference.schemas import is_json

# The placeholder for the reader's key in samples; the page's script fills it in.
KEY = "YOUR_KEY"
# Names of a key where a document has no scheme for it, as it has none for members of a body.
KEY_NAMES = frozenset({"key", "api_key", "apikey", "api-key"})

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"
# In this order a form is chosen before what is written by hand.
ENCODINGS = (MULTIPART, URLENCODED, JSON)


@dataclass(frozen=True)
class KeyPlace:
    """Where a key goes. where: header or query. prefix: the text before it, such as `Bearer `."""

    where: str
    name: str
    prefix: str = ""


@dataclass(frozen=True)
class Call:
    """A request. files: names of parts and of files. form and query: names and texts. json: the body.

    answers: json, text, file, headers or nothing: what comes back of use; saved_as: a name for a file.
    """

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    encoding: str = ""
    files: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    json: Any = None
    raw: str = ""
    answers: str = "json"
    saved_as: str = ""

    @property
    def address(self) -> str:
        """The URL with its query."""
        return f"{self.url}?{urlencode(self.query)}" if self.query else self.url


def key_place(schemes: Mapping[str, Any], needed: Sequence[Mapping[str, Any]]) -> KeyPlace | None:
    """Where the first of the alternatives in `needed` puts a key; None where no key is required."""
    for name in (name for one in needed for name in one):
        scheme = schemes.get(name, {})
        if scheme.get("type") == "apiKey" and scheme.get("in") in ("header", "query"):
            return KeyPlace(scheme["in"], scheme["name"])
        if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "bearer":
            return KeyPlace("header", "Authorization", "Bearer ")
    return None


def is_key(one: Field) -> bool:
    """Whether the field is for a key."""
    return one.where in ("query", "body", "header") and one.name.lower() in KEY_NAMES


def make(
    method: str,
    base: str,
    path: str,
    parameters: Iterable[Field],
    key: KeyPlace | None,
) -> Call:
    """The call without its body: with the parameters that are required, and with the key."""
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    for one in parameters:
        if one.where == "path":
            path = path.replace(f"{{{one.name}}}", quote(_text(one.example), safe=""))
        elif one.required:
            text = KEY if is_key(one) else _text(one.example)
            (query if one.where == "query" else headers).append((one.name, text))
    if key is not None and key.where == "header":
        headers.insert(0, (key.name, key.prefix + KEY))
    elif key is not None:
        query.insert(0, (key.name, KEY))
    return Call(method, base + path, tuple(query), tuple(headers))


def with_body(
    call: Call, encoding: str, fields: Sequence[Field], examples: Sequence[Any], key: bool
) -> Call:
    """The call with a body. examples: whole bodies, as the document gives them. key: whether it goes elsewhere.

    Of examples of a form that takes a file, only such are taken that send one: it is what people came for.
    """
    files = {one.name for one in fields if one.is_file} if encoding == MULTIPART else set()
    fit = [one for one in examples if not files or (isinstance(one, dict) and files & one.keys())]
    example = fit[0] if fit else None
    if is_json(encoding):
        values = example if example is not None else _least(fields, key)
        return replace(call, encoding=encoding, json=values)
    if encoding not in (MULTIPART, URLENCODED):
        return replace(call, encoding=encoding, raw=_text(example or "picture.jpg"))
    values = example if isinstance(example, dict) else _least(fields, key, of_file=bool(files))
    by_name = {one.name: one for one in fields}
    parts, form = [], []
    for name, value in values.items():
        known = by_name.get(name)
        for each in value if isinstance(value, list) else [value]:
            if known and known.is_file and _is_file_name(each):
                parts.append((name, str(each)))
            else:
                form.append((name, _text(each)))
    return replace(call, encoding=encoding, files=tuple(parts), form=tuple(form))


def _least(fields: Sequence[Field], has_key: bool, *, of_file: bool = False) -> dict[str, Any]:
    """The members that are required, and one at least: a file where it can be (or has to be, `of_file`)."""
    usable = [one for one in fields if not is_key(one)]
    chosen = [one for one in usable if one.required]
    if not chosen or (of_file and not any(one.is_file for one in chosen)):
        chosen += [one for one in usable if one.is_file][:1] or ([] if chosen else usable[:1])
    keys = {} if has_key else {one.name: KEY for one in fields if is_key(one)}
    return {**keys, **{one.name: one.example for one in chosen}}


def _is_file_name(value: Any) -> bool:
    return isinstance(value, str) and "://" not in value and "." in value and len(value) < 100


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
