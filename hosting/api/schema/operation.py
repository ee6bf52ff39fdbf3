"""The words in which an API describes itself: Api, its Operations, what they take and what they answer.

Schemas are JSON Schema 2020-12, as OpenAPI 3.1 has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

from hosting.api.problems import Problem

Schema = dict[str, Any]
# The header of every refusal that ends with time.
RETRY_AFTER: Schema = {
    "description": "Seconds to wait before retrying.",
    "schema": {"type": "integer", "minimum": 0},
}
# Named examples of one thing, each by what it shows.
Examples = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """A value in the path, the query or a header."""

    name: str
    place: str
    schema: Schema
    description: str = ""
    example: Any = None
    required: bool = False


@dataclass(frozen=True)
class Content:
    """What a body is, in one media type."""

    schema: Schema
    examples: Examples = field(default_factory=dict)
    encoding: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What an operation answers with one status. contents: by media type; none for an empty body."""

    description: str
    contents: Mapping[str, Content] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)


class Describes(Protocol):
    """What the document is made of: one operation, as its inspector sees it."""

    def parameters(self) -> Sequence[Parameter]: ...

    def bodies(self) -> Mapping[str, Content]: ...

    def needs_body(self) -> bool: ...

    def answers(self) -> Mapping[int, Answer]: ...

    def refusals(self) -> Sequence[Exception]: ...


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    id: unique, and the name that generated clients use. bodies: by media type. refusals: exceptions that are
    answered as errors, presented by the API's own renderer. public: whether it takes no key. inspector: the
    one that describes it, where that is not the API's.
    """

    id: str
    tag: str
    summary: str
    description: str = ""
    parameters: Sequence[Parameter] = ()
    bodies: Mapping[str, Content] = field(default_factory=dict)
    answers: Mapping[int, Answer] = field(default_factory=dict)
    refusals: Sequence[Exception] = ()
    public: bool = False
    needs_body: bool = True
    inspector: Callable[[Api, Operation], Describes] | None = None


@dataclass(frozen=True)
class Refusal:
    """How an API presents errors: the renderer of a Problem, and the name and schema of its output."""

    render: Callable[[Problem], tuple[HTTPStatus, Mapping[str, Any]]]
    name: str
    schema: Schema
    media_type: str = "application/json"
    # The part to send where the caller asked for plain text; None where the API has no plain text.
    text: Callable[[Mapping[str, Any]], str] | None = None
    # Headers of answers of a status.
    headers: Mapping[int, Mapping[str, Schema]] = field(default_factory=dict)


@dataclass(frozen=True)
class Api:
    """An API as a whole.

    urls: its Django addresses; left_out: views of them that are no endpoints. operations: by method and path.
    refusals: of every operation. components: named schemas. security: named ways to show a key, one of which
    is enough.
    """

    title: str
    introduction: str
    urls: Sequence[Any]
    left_out: type | tuple[type, ...]
    tags: Mapping[str, str]
    operations: Mapping[str, Operation]
    refusal: Refusal
    inspector: Callable[[Api, Operation], Describes]
    security: Mapping[str, Schema]
    refusals: Sequence[Exception] = ()
    components: Mapping[str, Schema] = field(default_factory=dict)
