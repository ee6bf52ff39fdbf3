"""Inspector: one operation of an API as OpenAPI describes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema

from hosting.api.problems import from_exception
from hosting.api.schema.models import ref
from hosting.api.schema.operation import Answer, Api, Content, Operation, Parameter, Schema

# mypy: disable-error-code="no-untyped-call, override"


class Inspector(AutoSchema):
    """Presents what the operation declares. Dialects override what their own tables define."""

    def __init__(self, api: Api, operation: Operation) -> None:
        super().__init__()
        self.api = api
        self.about = operation

    def parameters(self) -> Sequence[Parameter]:
        """The parameters of the path, the query and the headers."""
        return self.about.parameters

    def bodies(self) -> Mapping[str, Content]:
        """What may be sent, by media type."""
        return self.about.bodies

    def needs_body(self) -> bool:
        """Whether something has to be sent."""
        return self.about.needs_body

    def answers(self) -> Mapping[int, Answer]:
        """What is answered where all is well, by status."""
        return self.about.answers

    def refusals(self) -> Sequence[Exception]:
        """What may go wrong."""
        return (*self.api.refusals, *self.about.refusals)

    def get_operation_id(self) -> str:
        return self.about.id

    def get_summary(self) -> str:
        return self.about.summary

    def get_description(self) -> str:
        return self.about.description

    def get_tags(self) -> list[str]:
        return [self.about.tag]

    def get_auth(self) -> list[dict[str, list[str]]]:
        ways: list[dict[str, list[str]]] = [{name: []} for name in self.api.security]
        return [{}, *ways] if self.about.public else ways

    def _get_parameters(self) -> list[Schema]:
        return [_parameter(one) for one in self.parameters()]

    def _get_request_body(self, direction: str = "request") -> Schema | None:
        bodies = self.bodies()
        if not bodies:
            return None
        content = {kind: _content(one) for kind, one in bodies.items()}
        return {"content": content, "required": self.needs_body()}

    def _get_response_bodies(self, direction: str = "response") -> Schema:
        responses = {str(status): _answer(one) for status, one in self.answers().items()}
        for status, problems in _by_status(self.refusals(), self.api).items():
            answer = self._refused(status, problems)
            if str(status) in responses:
                answer["content"] = {
                    **responses[str(status)].get("content", {}),
                    **answer["content"],
                }
            responses[str(status)] = answer
        return dict(sorted(responses.items()))

    def _refused(self, status: int, examples: Mapping[str, Any]) -> Schema:
        refusal = self.api.refusal
        contents = {refusal.media_type: Content(ref(refusal.name), examples)}
        if refusal.text is not None:
            texts = {name: refusal.text(value) for name, value in examples.items()}
            contents["text/plain"] = Content({"type": "string"}, texts)
        answer = _answer(Answer(HTTPStatus(status).phrase, contents))
        if headers := refusal.headers.get(status):
            answer["headers"] = dict(headers)
        return answer


def _by_status(errors: Iterable[Exception], api: Api) -> dict[int, dict[str, Any]]:
    """What the API makes of these errors, by status and code."""
    found: dict[int, dict[str, Any]] = {}
    for error in errors:
        problem = from_exception(error)
        status, answer = api.refusal.render(problem)
        found.setdefault(status.value, {}).setdefault(problem.code, dict(answer))
    return found


def _parameter(one: Parameter) -> Schema:
    schema: Schema = {"name": one.name, "in": one.place, "schema": one.schema}
    if one.description:
        schema["description"] = one.description
    if one.required or one.place == "path":
        schema["required"] = True
    if one.example is not None:
        schema["example"] = one.example
    return schema


def _content(one: Content) -> Schema:
    schema: Schema = {"schema": one.schema}
    if one.examples:
        schema["examples"] = {name: {"value": value} for name, value in one.examples.items()}
    if one.encoding:
        schema["encoding"] = dict(one.encoding)
    return schema


def _answer(one: Answer) -> Schema:
    schema: Schema = {"description": one.description}
    if one.headers:
        schema["headers"] = dict(one.headers)
    if one.contents:
        schema["content"] = {kind: _content(content) for kind, content in one.contents.items()}
    return schema
