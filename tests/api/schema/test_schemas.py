"""Each API is described by a document of its own: valid, whole, and true to what its addresses do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from hosting.api.dialects import DIALECTS
from hosting.api.schema import document

NAMES = list(DIALECTS)
ERRORS = {"Error", "Problem"}
METHODS = {"get", "put", "post", "patch", "delete"}
# What stands in a path where an example says nothing else.
SAMPLES = {
    "id": "a" * 24,
    "delivery": "b" * 11,
    "name": "animals",
    "key": "0123456789abcdef",
    "number": "1",
}

every = pytest.mark.parametrize("name", NAMES)


def operations(values: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every operation of a document."""
    for path, item in values["paths"].items():
        yield from ((path, method, one) for method, one in item.items() if method in METHODS)


def filled(path: str) -> str:
    """The path with something in its braces that its address takes."""
    for name, sample in SAMPLES.items():
        path = path.replace("{" + name + "}", "7" if "account/keys" in path else sample)
    return path


def contents(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything that is sent or answered in one operation."""
    yield from one.get("requestBody", {}).get("content", {}).values()
    for answer in one["responses"].values():
        yield from answer.get("content", {}).values()


def whole(schema: dict[str, Any], values: dict[str, Any]) -> Draft202012Validator:
    """What checks a value by a schema of the document."""
    return Draft202012Validator({**schema, "components": values["components"]})


@every
def test_the_document_is_served_to_anybody_and_may_be_kept_for_minutes(name: str) -> None:
    answer = Client().get(f"/api/schema/{name}.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer.json() == json.loads(json.dumps(document(name)))
    again = Client().get(f"/api/schema/{name}.json", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_of_an_unknown_api_there_is_no_document(db: None) -> None:
    assert Client().get("/api/schema/flickr.json").status_code == 404


@every
def test_it_is_valid_openapi_3_1(name: str) -> None:
    values = document(name)
    assert values["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(values).iter_errors()] == []


@every
def test_its_introduction_is_text_without_traces_of_its_source(name: str) -> None:
    introduction = document(name)["info"]["description"]
    assert introduction == introduction.strip() + "\n"
    assert introduction[0].isalpha()
    assert "\\" not in introduction


@every
def test_it_says_where_the_site_is_and_how_to_show_a_key(name: str, settings: Any) -> None:
    values = document(name)
    assert values["servers"] == [{"url": settings.SITE_URL}]
    assert values["info"]["title"]
    assert len(values["info"]["description"]) > 200
    assert values["components"]["securitySchemes"]


@every
def test_every_operation_is_an_address_and_a_method_of_the_site(name: str) -> None:
    for path, method, _ in operations(document(name)):
        view = resolve(filled(path)).func.cls  # type: ignore[attr-defined]
        assert view.__module__.startswith(f"hosting.api.{name}."), path
        assert view.__name__ != "Unknown", path
        assert method.upper() in view().allowed_methods, (method, path)


@every
def test_every_address_and_method_of_the_api_is_an_operation(name: str) -> None:
    values = document(name)
    described = {(resolve(filled(path)).func.cls, method) for path, method, _ in operations(values)}  # type: ignore[attr-defined]
    urls = import_module(f"hosting.api.{name}.urls").urlpatterns
    left_out = import_module(f"hosting.api.{name}.description").API.left_out
    views = {
        pattern.callback.cls for pattern in urls if not issubclass(pattern.callback.cls, left_out)
    }
    there = {
        (view, method.lower())
        for view in views
        for method in view().allowed_methods
        if method.lower() in METHODS
    }
    assert described == there


@every
def test_every_operation_has_its_own_name_a_summary_and_a_section(name: str) -> None:
    values = document(name)
    found = [one for _, _, one in operations(values)]
    assert len({one["operationId"] for one in found}) == len(found)
    sections = {tag["name"] for tag in values["tags"]}
    for one in found:
        assert one["summary"]
        assert set(one["tags"]) <= sections


@every
def test_every_operation_shows_examples_of_what_is_sent_answered_and_refused(name: str) -> None:
    for path, method, one in operations(document(name)):
        at = f"{method} {path}"
        if "requestBody" in one:
            assert any("examples" in c for c in one["requestBody"]["content"].values()), at
        refused = [status for status in one["responses"] if status >= "400"]
        assert refused, at
        for status, answer in one["responses"].items():
            for kind, content in answer.get("content", {}).items():
                text = "json" in kind or kind == "text/plain"
                assert not text or content.get("examples"), (at, status)


@every
def test_every_example_is_what_its_schema_says(name: str) -> None:
    values = document(name)
    for path, method, one in operations(values):
        for parameter in one.get("parameters", ()):
            if "example" in parameter:
                whole(parameter["schema"], values).validate(parameter["example"])
        for content in contents(one):
            for known, example in content.get("examples", {}).items():
                wrong = list(whole(content["schema"], values).iter_errors(example["value"]))
                assert not wrong, (method, path, known, wrong[0].message)


@every
def test_every_parameter_is_described_by_a_type(name: str) -> None:
    for path, _, one in operations(document(name)):
        for parameter in one.get("parameters", ()):
            schema = parameter["schema"]
            assert {"type", "enum", "const", "oneOf", "anyOf", "$ref"} & schema.keys(), (
                path,
                parameter,
            )


@every
def test_every_other_method_is_refused_in_the_api_s_own_words(name: str, db: None) -> None:
    values = document(name)
    error = next(one for key, one in values["components"]["schemas"].items() if key in ERRORS)
    for path, item in values["paths"].items():
        for method in METHODS - item.keys():
            answer = Client().generic(method.upper(), filled(path))
            assert answer.status_code == 405, (method, path)
            allowed = set(answer["Allow"].lower().split(", "))
            assert METHODS & allowed == METHODS & item.keys(), (method, path)
            whole(error, values).validate(answer.json())


def test_uploads_in_pieces_are_described_by_their_headers() -> None:
    paths = document("native")["paths"]
    one = paths["/api/v2/uploads/{id}"]
    assert {"get", "head", "patch", "delete"} <= one.keys()
    assert "Tus-Extension" in paths["/api/v2/uploads"]["options"]["responses"]["204"]["headers"]
    began = paths["/api/v2/uploads"]["post"]
    asked = {parameter["name"] for parameter in began["parameters"]}
    assert asked == {"Tus-Resumable", "Upload-Length", "Upload-Metadata"}
    assert {"Location", "Upload-Offset"} <= began["responses"]["201"]["headers"].keys()
    assert "Upload-Offset" in one["head"]["responses"]["200"]["headers"]
    assert {"404", "409", "410", "412", "413", "415", "423", "507"} <= one["patch"][
        "responses"
    ].keys()
    assert "application/offset+octet-stream" in one["patch"]["requestBody"]["content"]


def test_what_is_shown_once_may_be_null_as_in_a_replay() -> None:
    schemas = document("native")["components"]["schemas"]
    for name, member in (("CreatedFile", "delete_url"), ("CreatedKey", "secret"),
                         ("CreatedWebhook", "secret"), ("Proof", "proof")):  # fmt: skip
        assert schemas[name]["properties"][member]["type"] == ["string", "null"], name
    assert schemas["File"]["properties"]["url"]["type"] == "string"
