"""What a page says of an API, by its document."""

from __future__ import annotations

import copy

import pytest

from hosting.reference import Field, Operation, Reference, read
from tests.hosting.reference.shop import BASE, DOCUMENT


@pytest.fixture(scope="module")
def shop() -> Reference:
    return read(DOCUMENT, BASE)


def operation(shop: Reference, name: str) -> Operation:
    return next(one for one in shop.operations if one.id == name)


def member(fields: tuple[Field, ...], name: str) -> Field:
    return next(one for one in fields if one.name == name)


def test_operations_stand_under_their_tags_and_empty_tags_are_left_out(shop: Reference) -> None:
    assert [(one.title, len(one.operations)) for one in shop.sections] == [
        ("Pictures", 2),
        ("Shop", 4),
    ]
    assert [one.id for one in shop.operations] == [
        "pictures_list", "pictures_create", "pictures_change", "pictures_delete", "pictures_file",
        "pictures_put",
    ]  # fmt: skip


def test_parameters_are_described_with_their_place_and_their_values(shop: Reference) -> None:
    groups = dict(operation(shop, "pictures_list").groups)
    size, sort = groups["query"]
    assert (size.kind, size.bounds, size.example) == ("integer", ("at most 100",), 10)
    assert (sort.choices, sort.nullable, sort.control) == (("new", "old"), True, "choice")
    of_path = dict(operation(shop, "pictures_delete").groups)["path"]
    assert [(one.name, one.required) for one in of_path] == [("id", True)]


def test_a_body_is_described_once_with_what_differs_in_other_encodings(shop: Reference) -> None:
    form, text = operation(shop, "pictures_create").sendings
    assert form[0] == ["multipart/form-data"]
    assert text[0] == ["application/x-www-form-urlencoded", "application/json"]
    assert [one.name for one in text[1]] == ["source"]
    source = member(form[1], "source")
    assert (source.kind, source.control, source.required) == ("file | string", "file-or-text", True)
    assert member(form[1], "privacy").default == "public"
    assert member(form[1], "title").bounds == ("at most 100 characters",)
    assert member(form[1], "width").bounds == ("1 to 9999",)
    assert member(form[1], "tags").bounds == ("at most 1 item",)
    assert member(form[1], "nsfw").control == "boolean"


def test_a_page_sends_one_form_or_one_text(shop: Reference) -> None:
    kinds = [(one.encoding, one.kind) for one in operation(shop, "pictures_create").tries]
    assert kinds == [("multipart/form-data", "form"), ("application/json", "json")]


def test_a_long_header_is_typed_on_one_line() -> None:
    values = copy.deepcopy(DOCUMENT)
    note = {"name": "X-Note", "in": "header", "schema": {"type": "string", "maxLength": 1000}}
    listed = values["paths"]["/shop/pictures"]["get"]
    listed["parameters"] = [*listed["parameters"], note]
    shown = dict(operation(read(values, BASE), "pictures_list").groups)["header"]
    assert member(shown, "X-Note").control == "text"


def test_answers_hold_no_secret_and_bodies_hold_nothing_that_only_answers_have(
    shop: Reference,
) -> None:
    created = operation(shop, "pictures_create").answers[0]
    assert '"secret"' not in created.examples[0][1]
    assert '"id": "Ab3dE5fG7hJ"' in created.examples[0][1]
    changed = operation(shop, "pictures_change").bodies[0]
    assert [one.name for one in changed.fields] == ["size", "taken", "album", "secret"]


def test_answers_name_their_objects_examples_and_headers(shop: Reference) -> None:
    created, missing = operation(shop, "pictures_create").answers
    assert (created.status, created.reason, created.link) == ("201", "Created", "Picture")
    assert [one.name for one in created.headers] == ["Location"]
    assert [title for title, _text in missing.examples] == ["unknown", "gone"]
    assert (missing.reason, missing.text) == ("Not Found", "")  # said once
    listed = operation(shop, "pictures_list").answers[0]
    assert (listed.type, listed.link) == ("array of Picture", "Picture")
    assert operation(shop, "pictures_delete").answers[0].kind == "nothing"
    assert operation(shop, "pictures_file").answers[0].kind == "file"


def test_objects_are_described_with_those_that_they_hold(shop: Reference) -> None:
    album, picture = shop.objects
    assert (album.name, picture.name) == ("Album", "Picture")
    assert member(picture.fields, "album").nullable
    assert member(album.fields, "pictures").link == "Picture"
    assert [one.name for one in member(album.fields, "cover").parts] == ["url", "width"]
    assert '"pictures": []' in picture.example  # an album of a picture of an album ends somewhere


def test_a_key_may_be_needed_left_out_or_not_asked_for(shop: Reference) -> None:
    assert operation(shop, "pictures_create").needs_key
    assert not operation(shop, "pictures_list").needs_key
    assert operation(shop, "pictures_list").key is not None
    assert operation(shop, "pictures_file").key is None
    assert [written for written, _text in shop.keys] == [
        "X-API-Key: YOUR_KEY", "Authorization: Bearer YOUR_KEY", "?key=YOUR_KEY",
    ]  # fmt: skip


def test_descriptions_are_markdown_in_which_nothing_runs(shop: Reference) -> None:
    assert "<strong>pictures</strong>" in shop.text
    assert "&lt;script&gt;" in shop.text
    assert "<script" not in shop.text
    assert "href" not in shop.text
    assert "<h1" not in shop.text
    assert shop.objects[1].text == "<p>One <em>picture</em>.</p>\n"


def test_a_reference_to_nothing_is_an_error() -> None:
    broken = {**DOCUMENT, "components": {}}
    with pytest.raises(KeyError):
        read(broken, BASE)
