"""What Imghippo's callers send: files under any of four names, base64 in JSON, numbers."""

from __future__ import annotations

from io import SEEK_END

from django.conf import settings

from hosting.api.body import Body, Value
from hosting.api.view import NOTHING
from hosting.errors import HostingError
from hosting.sources import source
from hosting.sources.source import Source

# The page says `file` for uploads and documents and `image` for pictures; callers send all of these.
FILES = ("file", "image", "file[]", "image[]", "files", "images", "files[]", "images[]")
MOST_FILES = 5
# The longest side that any of our formats can have.
LONGEST_SIDE = 65_500
# Digits only; nothing else is interpreted as a number of pixels.
LONGEST_NUMBER = 20


def files_of(body: Body, *, most: int) -> list[Value]:
    """The files of a request, in their order.

    Raises HostingError for none, for too many, and for more bytes than one request may bring.
    """
    # A form's field in which nothing was chosen comes as a file without a name and without a byte.
    found = [value for value in body.all(*FILES) if value.filename or not value.is_empty]
    if not found:
        raise HostingError("missing_file")
    if len(found) > most:
        raise HostingError("too_many_files.one" if most == 1 else "too_many_files", number=most)
    if sum(_size(value) for value in found) > settings.MAX_FILE_BYTES:
        raise HostingError("request_too_large", param="file")
    return found


def _size(value: Value) -> int:
    """The bytes of a file part; 0 for base64, which is measured when it is decoded."""
    return value.file.seek(0, SEEK_END) if value.is_file else 0


def source_of(value: Value, *, max_bytes: int) -> Source:
    """One of those files: a file part, or base64 text. Raises HostingError."""
    if value.is_file:
        return source.from_upload(value.file, value.filename or "")
    return source.from_base64(value.file, max_bytes=max_bytes, urlencoded=value.urlencoded)


def side(body: Body, name: str) -> int | None:
    """A width or height in whole pixels; None where it is not given."""
    number = _number(body, name)
    if number is not None and number < 1:
        raise HostingError("invalid_{name}.positive", name=name)
    if number is not None and number > LONGEST_SIDE:
        raise HostingError("invalid_{name}.most", name=name, number=LONGEST_SIDE)
    return number


def offset(body: Body, name: str) -> int:
    """A required offset in whole pixels, at least 0."""
    number = _number(body, name)
    if number is None:
        raise HostingError("missing_{name}", name=name)
    if number < 0:
        raise HostingError("invalid_{name}.least", name=name)
    if number > LONGEST_SIDE:
        raise HostingError("invalid_{name}.outside", name=name)
    return number


def required_side(body: Body, name: str) -> int:
    """A required width or height in whole pixels."""
    if (number := side(body, name)) is None:
        raise HostingError("missing_{name}", name=name)
    return number


def _number(body: Body, name: str) -> int | None:
    if (text := body.text(name)).lower() in NOTHING:
        return None
    # "800.0" is what some languages make of the number 800.
    plain = text.removesuffix(".0")
    digits = plain.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER):
        raise HostingError("invalid_{name}", name=name)
    return int(plain)
