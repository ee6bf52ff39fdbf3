"""The library's guide: its examples run, and it names every operation with every parameter."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from processing import OPERATIONS
from processing.operations.overlay import Overlay

GUIDE = Path(__file__).parents[2] / "docs" / "processing.md"


def values(name: str, schema: dict[str, Any]) -> str:
    """What a parameter may be, in words."""
    if "anyOf" in schema:
        kinds = (values(name, one) for one in schema["anyOf"])
        return " or ".join(kind for kind in kinds if kind != "nothing")
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if schema.get("format") == "binary":
        return "bytes of a picture"
    if name == "colour":
        return "a colour"
    low, high = schema.get("minimum"), schema.get("maximum")
    match schema["type"]:
        case "integer":
            return f"whole number, {low:,} to {high:,}"
        case "number":
            return f"number, {low:,} to {high:,}".replace(".0 ", " ").removesuffix(".0")
        case "string":
            return f"text of {schema['minLength']} to {schema['maxLength']} letters"
        case "array":
            return f"{schema['minItems']} to {schema['maxItems']} of {values('', schema['items'])}"
        case "boolean":
            return "`True`, `False`"
        case "null":
            return "nothing"
        case other:
            raise AssertionError(f"{name} is of a kind that has no words yet: {other}")


def section(name: str, model: type[BaseModel]) -> str:
    """The guide's words on an operation: its docstring, and a table of its parameters."""
    schema = model.model_json_schema()
    lines = [f"### {name}", "", inspect.getdoc(model) or "", ""]
    if model.model_fields:
        lines += ["| parameter | values | default |", "|---|---|---|"]
    for parameter, field in model.model_fields.items():
        allowed = values(parameter, schema["properties"][parameter])
        default = f"`{field.default!r}`" if not field.is_required() else "required"
        if "$ref" in schema["properties"][parameter]:
            # Spelled out, it would be a table of its own.
            default = default.partition("(")[0] + "()`"
        lines.append(f"| `{parameter}` | {allowed} | {default} |")
    return "\n".join(lines).rstrip() + "\n"


def reference() -> str:
    """The whole part of the guide that is made from OPERATIONS."""
    parts = [section(f"`{name}`", model) for name, model in OPERATIONS.items()]
    return "\n".join([*parts, section("`Overlay`, of `watermark`", Overlay)])


def test_the_guide_describes_every_operation_as_it_is() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    missing = [part for part in reference().split("\n### ") if part.strip("# \n") not in text]
    # `python -m tests.processing.test_guide` prints what belongs there.
    assert not missing


def test_the_examples_of_the_guide_run_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(GUIDE), module_relative=False, encoding="utf-8")
    assert tried > 20
    assert not failed


if __name__ == "__main__":
    print(reference())
