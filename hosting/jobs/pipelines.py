"""Custom pipelines, as plain values that a job's row can hold.

What belongs here: parsing a list of operations and collecting its errors, and running the parsed steps. An
operation that needs another picture names a file by its id; the row holds the file's path instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from hosting.errors import HostingError
from hosting.models import HostedFile
from hosting.storage import objects
from processing import OPERATIONS, Limits, Operation, Output, Overlay, Pipeline, Result, run

MOST_STEPS = 20
# A step's name is among its parameters.
OPERATION = "operation"
WATERMARK = "watermark"
FILE, PATH = "file", "path"
# Fields of an overlay that the site sets, not the caller.
OURS = frozenset({"source", "limits"})

# Returns the caller's file with an id; raises HostingError.
Find = Callable[[str], HostedFile]


class InvalidPipeline(HostingError):
    """A pipeline's errors, by their position in it ("1.width")."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("invalid_pipeline")
        self.errors = errors


class InvalidOverlay(HostingError):
    """An error that only an overlay's bytes reveal, while a pipeline runs; the message is the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__("invalid_pipeline")
        self.message = reason


def read(steps: Iterable[Mapping[str, Any]], find: Find) -> list[dict[str, Any]]:
    """The steps as a job's row holds them. Raises InvalidPipeline, or what `find` raises."""
    entries = [dict(step) for step in steps]
    if len(entries) > MOST_STEPS:
        raise InvalidPipeline([("", f"A pipeline has at most {MOST_STEPS} steps.")])
    errors: list[tuple[str, str]] = []
    read = [_read(step, f"{place}", find, errors) for place, step in enumerate(entries)]
    if errors:
        raise InvalidPipeline(errors)
    return read


def _read(
    step: dict[str, Any], place: str, find: Find, errors: list[tuple[str, str]]
) -> dict[str, Any]:
    name = step.get(OPERATION)
    if not isinstance(name, str) or name not in OPERATIONS:
        errors.append((f"{place}.{OPERATION}", f"It must be one of {', '.join(OPERATIONS)}."))
        return step
    if name == WATERMARK:
        unknown = step.keys() - {OPERATION, "overlays"}
        errors += [(f"{place}.{key}", "There is no such parameter.") for key in sorted(unknown)]
        return {**step, "overlays": _overlays(step.get("overlays"), place, find, errors)}
    try:
        _operation(name, step)
    except ValidationError as error:
        errors += _errors(error, place)
    return step


def _errors(error: ValidationError, at: str) -> list[tuple[str, str]]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [(".".join((at, *map(str, one["loc"]))), _sentence(one["msg"])) for one in found]


def _overlays(
    values: Any, place: str, find: Find, errors: list[tuple[str, str]]
) -> list[dict[str, Any]]:
    if not isinstance(values, list) or not 1 <= len(values) <= 5:
        errors.append((f"{place}.overlays", "Name one to five files to lay over the picture."))
        return []
    found = []
    for number, overlay in enumerate(values):
        at = f"{place}.overlays.{number}"
        if not isinstance(overlay, dict) or not isinstance(overlay.get(FILE), str):
            errors.append((f"{at}.{FILE}", "Name one of your files by its id."))
            continue
        rest = {key: value for key, value in overlay.items() if key != FILE}
        unknown = rest.keys() - Overlay.model_fields.keys() | rest.keys() & OURS
        errors += [(f"{at}.{key}", "There is no such parameter.") for key in sorted(unknown)]
        errors += _wrong_with({key: rest[key] for key in rest.keys() - unknown}, at)
        try:
            path = find(overlay[FILE]).path
        except HostingError as error:
            error.param = f"pipeline.{at}.{FILE}"
            raise
        found.append({**rest, FILE: overlay[FILE], PATH: path})
    return found


def _wrong_with(overlay: dict[str, Any], at: str) -> list[tuple[str, str]]:
    """Errors in an overlay's placement; its source is read when the job runs."""
    try:
        Overlay.model_validate_json(json.dumps(overlay))
    except ValidationError as error:
        return [one for one in _errors(error, at) if one[0] not in {f"{at}.{our}" for our in OURS}]
    return []


def is_heavy(steps: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any of these (parsed) steps belongs in the queue for heavy work."""
    return any(OPERATIONS[step[OPERATION]].heavy for step in steps)


def perform(
    data: bytes, steps: Iterable[Mapping[str, Any]], output: Output, limits: Limits
) -> Result:
    """Run parsed steps. Raises ProcessingError, or HostingError where an overlay's file is gone."""
    return run(data, Pipeline(tuple(_made(step, limits) for step in steps)), output, limits)


def _made(step: Mapping[str, Any], limits: Limits) -> Operation:
    name = step[OPERATION]
    if name != WATERMARK:
        return _operation(name, step)
    try:
        overlays = tuple(
            Overlay(
                source=_content(overlay[PATH]),
                limits=limits,
                **{key: value for key, value in overlay.items() if key not in {FILE, PATH}},
            )
            for overlay in step["overlays"]
        )
        return OPERATIONS[name].model_validate({"overlays": overlays})
    except ValidationError as error:
        raise InvalidOverlay(_sentence(error.errors()[0]["msg"])) from error


def _operation(name: str, step: Mapping[str, Any]) -> Operation:
    parameters = {key: value for key, value in step.items() if key != OPERATION}
    # From JSON, where a list may replace a tuple.
    return OPERATIONS[name].model_validate_json(json.dumps(parameters))


def _content(path: str) -> bytes:
    try:
        with objects.open_file(objects.GUARDED, path) as file:
            return file.read()
    except FileNotFoundError as error:
        raise HostingError("not_found.overlay", param="pipeline") from error


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."
