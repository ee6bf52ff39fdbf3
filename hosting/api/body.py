"""What a request carries: multipart, urlencoded, JSON and query, read as one.

A picture may come as a file part or as base64 text of many megabytes in any of these encodings, so values are
kept as files that move to disk when they grow, and are only made into text where a short text is wanted.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from io import SEEK_END, BytesIO
from itertools import chain
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from multipart import MultipartError, MultipartParser, ParserLimitReached, parse_options_header

from hosting.errors import HostingError
from hosting.storage import objects

BLOCK = 64 * 1024
MEMORY = 1024 * 1024
# Values of a JSON body. Text of a few bytes each would become objects of many times its size.
JSON_VALUES = 10_000
# While it is parsed a text takes up to six times its bytes (one emoji makes every letter four bytes), and no
# key has been checked yet: one large text at a time.
_large_text = threading.Lock()
# A photo's part stays in memory: the server holds no more requests at once than it has threads.
PART_MEMORY = 8 * MEMORY


@dataclass(frozen=True)
class Value:
    """One value: its bytes, for a file part the client's file name, and whether + stood for a blank."""

    file: BinaryIO
    filename: str | None = None
    urlencoded: bool = False

    @property
    def is_file(self) -> bool:
        return self.filename is not None

    @property
    def is_empty(self) -> bool:
        """Whether it has not one byte."""
        size = self.file.seek(0, SEEK_END)
        self.file.seek(0)
        return size == 0

    def text(self) -> str:
        """The value as text; raises HostingError for one too long to be a plain parameter."""
        self.file.seek(0)
        head = self.file.read(settings.MAX_TEXT_BYTES + 1)
        self.file.seek(0)
        if len(head) > settings.MAX_TEXT_BYTES:
            raise HostingError("parameter_too_long")
        return head.decode("utf-8", "replace").replace("\0", "")


class Body:
    """The values of a request by name, in the order of arrival; the query comes after the body."""

    def __init__(self, values: Iterator[tuple[str, Value]], query: dict[str, str]) -> None:
        self._values: dict[str, list[Value]] = {}
        for name, value in values:
            self._values.setdefault(name, []).append(value)
        for name, text in query.items():
            self._values.setdefault(name, []).append(_from_text(text))

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        """The names that have values, in the order of arrival."""
        return list(self._values)

    def all(self, *names: str) -> list[Value]:
        """Every value of these names."""
        return [value for name in names for value in self._values.get(name, [])]

    def file(self, *names: str) -> Value | None:
        """The first file part of one of these names."""
        return next((value for value in self.all(*names) if value.is_file), None)

    def value(self, *names: str) -> Value | None:
        """The first value with one of these names that is not a file."""
        return next((value for value in self.all(*names) if not value.is_file), None)

    def text(self, *names: str) -> str:
        """The first text of one of these names without blanks around it, or ""."""
        value = self.value(*names)
        return value.text().strip() if value is not None else ""


def read(request: HttpRequest) -> Body:
    """Read the whole request. Raises RequestDataTooBig or HostingError for one that cannot be read."""
    # The embedded server drops a body that is too large; other servers only give its length.
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.META.get("vitrine.body_too_large") or length > settings.MAX_REQUEST_BYTES:
        raise RequestDataTooBig
    if request.META.get("vitrine.no_space"):
        raise objects.no_space()
    query = query_of(request)
    kind, options = parse_options_header(request.META.get("CONTENT_TYPE", ""))
    # With no length there is no body: some programs send this type with every request.
    if kind == "multipart/form-data" and length:
        return Body(_multipart(request, options.get("boundary", ""), length), query)
    if kind == "application/json":
        return Body(_json(request), query)
    if kind in {"application/x-www-form-urlencoded", ""}:
        return Body(_form(request), query)
    # A key or a command may still be in the query. A body of any other type is ignored, except JSON from
    # programs that do not declare it.
    return Body(_json_or_nothing(request), query)


def query_of(request: HttpRequest) -> dict[str, str]:
    """The query's values by name; of several of a name the last."""
    return {name: str(request.GET.get(name) or "") for name in request.GET}


def _multipart(request: HttpRequest, boundary: str, length: int) -> Iterator[tuple[str, Value]]:
    if not boundary:
        raise HostingError("invalid_body.boundary")
    parser = MultipartParser(
        request,
        boundary,
        content_length=length,
        # Read in large blocks: a photo is a few of them instead of sixty.
        buffer_size=MEMORY,
        part_limit=settings.MAX_REQUEST_PARTS,
        spool_limit=PART_MEMORY,
        memory_limit=2 * PART_MEMORY,
        disk_limit=settings.MAX_REQUEST_BYTES,
    )
    try:
        for part in parser:
            yield part.name, Value(part.file, part.filename)
    except ParserLimitReached as error:
        raise HostingError("too_many_parts") from error
    except MultipartError as error:
        raise HostingError("invalid_body.multipart") from error


def _json(request: HttpRequest) -> Iterator[tuple[str, Value]]:
    try:
        return iter(_object(request.read()))
    except (ValueError, RecursionError) as error:
        raise HostingError("invalid_body") from error


@contextmanager
def parsing(text: bytes) -> Iterator[None]:
    """Hold this while parsing JSON: large texts are parsed one at a time, across all APIs."""
    with _large_text if len(text) > MEMORY else nullcontext():
        yield


def _object(text: bytes) -> list[tuple[str, Value]]:
    """The members of a JSON object, none for no text; ValueError or RecursionError for invalid JSON."""
    # Counted before anything is parsed; a picture's base64 contains none of these.
    if sum(text.count(mark) for mark in (b",", b"[", b"{")) > JSON_VALUES:
        raise HostingError("too_many_parts")
    with parsing(text):
        found = json.loads(text) if text.strip() else {}
        if not isinstance(found, dict):
            raise HostingError("invalid_body.no_object")
        return list(_members(found))


def _members(found: dict[str, Any]) -> Iterator[tuple[str, Value]]:
    for name, value in found.items():
        if value is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                # A file that a program lost, most likely: the others alone are not what it means.
                raise HostingError("invalid_body.null", name=name[:50])
            yield name, _from_text(one if isinstance(one, str) else json.dumps(one))


def _form(request: HttpRequest) -> Iterator[tuple[str, Value]]:
    """An urlencoded body, or JSON labelled as one: `curl -d` labels everything it sends like this."""
    first = request.read(BLOCK)
    if not first.lstrip().startswith(b"{"):
        return _urlencoded(chain([first], iter(partial(request.read, BLOCK), b"")))
    whole = first + request.read()
    try:
        # It begins with a brace: an object or nothing.
        return iter(_object(whole))
    except (ValueError, RecursionError):
        return _urlencoded(iter(partial(BytesIO(whole).read, BLOCK), b""))


def _json_or_nothing(request: HttpRequest) -> Iterator[tuple[str, Value]]:
    first = request.read(BLOCK)
    if not first.lstrip().startswith(b"{"):
        return iter(())
    try:
        return iter(_object(first + request.read()))
    except (ValueError, RecursionError):
        return iter(())


def _urlencoded(blocks: Iterable[bytes]) -> Iterator[tuple[str, Value]]:
    field, count = _Field(), 1
    for block in blocks:
        *ended, unfinished = block.split(b"&")
        for text in ended:
            field.feed(text)
            yield from field.end()
            field, count = _Field(), count + 1
            if count > settings.MAX_REQUEST_PARTS:
                raise HostingError("too_many_parts")
        field.feed(unfinished)
    yield from field.end()


class _Field:
    """One `name=value` of an urlencoded body, fed in pieces; percent signs are undone as they pass."""

    def __init__(self) -> None:
        self.name = b""
        self.file: BinaryIO | None = None
        self.rest = b""

    def feed(self, text: bytes) -> None:
        if self.file is None:
            self.name, equals, text = (self.name + text).partition(b"=")
            if len(self.name) > settings.MAX_TEXT_BYTES:
                raise HostingError("parameter_too_long.name")
            if not equals:
                return
            self.file = _spool()
        text = self.rest + text
        # A percent sign at the end may have its two digits in the next piece.
        cut = text.rfind(b"%", max(0, len(text) - 2))
        text, self.rest = (text[:cut], text[cut:]) if cut >= 0 else (text, b"")
        self.file.write(_plain(text))

    def end(self) -> Iterator[tuple[str, Value]]:
        if self.name or self.file:
            file = self.file or _spool()
            file.write(_plain(self.rest))
            file.seek(0)
            yield _plain(self.name).decode("utf-8", "replace"), Value(file, urlencoded=True)


def _plain(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _spool() -> BinaryIO:
    # Lives on in the Value that holds it.
    return tempfile.SpooledTemporaryFile(MEMORY)  # type: ignore[return-value]


def _from_text(text: str) -> Value:
    return Value(BytesIO(text.encode("utf-8", "replace")))
