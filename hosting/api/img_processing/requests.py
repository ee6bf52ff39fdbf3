"""What IMG Processing's callers send: names, prompts, places in the list, files and URLs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from hosting import plain_text
from hosting.api.body import Body
from hosting.api.img_processing import origins
from hosting.api.img_processing.errors import InvalidParameters
from hosting.api.view import NOTHING
from hosting.errors import HostingError
from hosting.sources.source import Source, from_upload, from_url, too_large
from processing import Limits, ProcessingError, detect
from processing.formats import HEAD

# As it will be shown, so that none is left that shows nothing.
Name = Annotated[str, Field(min_length=1, max_length=30), BeforeValidator(plain_text.line)]
Prompt = Annotated[str, Field(min_length=1, max_length=1000)]
FORMATS = ("jpeg", "png", "webp")
# Seeds and offsets that any column and any library can hold.
LARGEST_SEED = 2**53 - 1

# What pydantic would say in Python's own words.
PLAIN = {
    "int_parsing": "Input should be a whole number",
    "int_from_float": "Input should be a whole number",
    "float_parsing": "Input should be a number",
    "model_type": "Input should be an object",
}


class Parameters(BaseModel):
    """The parameters of an endpoint; what it does not know is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)
    #: Those that are lists of objects.
    lists: ClassVar[frozenset[str]] = frozenset()


class Created(Parameters):
    """Of an image that is made of nothing of the caller's here."""

    name: Name


class Derived(Parameters):
    """Of an image that is made from another one, whose name it has unless it is given one."""

    name: Name | None = None


class FromUrl(Created):
    """`POST /v1/images`."""

    url: Annotated[str, Field(max_length=4096)]


class Imagined(Created):
    """`POST /v1/images/imagine`."""

    prompt: Prompt
    negative_prompt: Prompt | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    model: Literal["sdxl", "flux"] | None = None


class Page(Parameters):
    """`GET /v1/images`: how many, and the id of the first."""

    take: Annotated[int, Field(ge=1, le=100)] = 10
    first: Annotated[str | None, Field(alias="from")] = None


class Question(Parameters):
    """`POST …/visualize`."""

    prompt: Prompt
    model: Literal["uform-gen", "llava", "gemini"] | None = None


class TextForm(Parameters):
    """`POST …/extract-formatted-text`."""

    format: Literal["plain", "markdown"] = "plain"


Read = TypeVar("Read", bound=Parameters)


def read(model: type[Read], body: Body) -> Read:
    """The parameters of a request. Raises InvalidParameters with all that is wrong with them."""
    values: dict[str, Any] = {}
    for field, about in model.model_fields.items():
        name = about.alias or field
        found = _objects(body, name) if name in model.lists else body.text(name)
        if found and not (isinstance(found, str) and found.lower() in NOTHING):
            values[name] = found
    with checked():
        return model.model_validate(values)


def _objects(body: Body, name: str) -> list[Any]:
    """A list of objects: each as a separate value, or all of them in one form field."""
    found: list[Any] = []
    for value in body.all(name):
        try:
            read = json.loads(value.text())
        except (ValueError, RecursionError):
            read = value.text()
        found += read if isinstance(read, list) else [read]
    return [_plain(one) if isinstance(one, dict) else one for one in found]


def _plain(given: dict[str, Any]) -> dict[str, str]:
    """An object's values as texts, like those of a form, without those that say nothing."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
    }
    return {name: text for name, text in texts.items() if text.lower() not in NOTHING}


@contextmanager
def checked() -> Iterator[None]:
    """Turn pydantic's errors from the block into this API's errors."""
    try:
        yield
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidParameters(
            [
                _sentence(one["loc"], PLAIN.get(one["type"], one["msg"]))
                for one in found
                if not (one["type"] == "too_short" and _is_of_items(found, one["loc"]))
            ]
        ) from error


def _is_of_items(found: Sequence[ErrorDetails], place: tuple[int | str, ...]) -> bool:
    """Whether items of the list at `place` are wrong: pydantic then finds the list too short without them."""
    end = len(place)
    return any(len(one["loc"]) > end and one["loc"][:end] == place for one in found)


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    name = ".".join(map(str, place))
    text = text.replace("Tuple", "List").partition(" after validation")[0]
    return f"{name}: {text}." if name else f"{text[:1].upper()}{text[1:]}."


def sent_file(body: Body, limits: Limits) -> tuple[Source, str]:
    """The file part `image`, and its name. Raises InvalidParameters, HostingError or ProcessingError."""
    part, wrong, name = body.file("image"), [], ""
    if part is None:
        wrong.append("image: Send a file as multipart/form-data.")
    try:
        name = read(Created, body).name
    except InvalidParameters as error:
        wrong += error.errors
    if part is None or wrong:
        raise InvalidParameters(wrong)
    return _fit(from_upload(part.file, part.filename or ""), limits), name


def fetched_file(url: str, limits: Limits) -> Source:
    """The source at an allowed `url`. Raises HostingError or ProcessingError."""
    origins.require_https(url)
    fetched = from_url(url, max_bytes=limits.bytes, allow=origins.only_allowed())
    return _fit(fetched, limits)


def _fit(source: Source, limits: Limits) -> Source:
    if source.size > limits.bytes:
        raise too_large(limits.bytes)
    try:
        taken = detect(source.file.read(HEAD)).name in FORMATS
    except ProcessingError:
        taken = False
    source.file.seek(0)
    if not taken:
        raise HostingError("unsupported_format.image", param="image", formats=", ".join(FORMATS))
    return source
