"""Adding an API is a folder and a row in DIALECTS: all else follows from them."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, re_path

import hosting.api.urls
from accounts import usernames
from accounts.usernames import refuse_reserved
from hosting.api import dialects, schema
from hosting.api.dialects import DIALECTS, Dialect
from hosting.api.native.description import API

TOY = Dialect(
    "Toy", "For children.", base="/toys", words=("toys",), guests=True, polls=r"/toys/[^/]+/poll"
)


class Bear(HttpResponse):
    """What the toy dialect answers."""


def bear(request: HttpRequest) -> HttpResponse:
    return Bear("growl")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sixth API for the time of a test: its folder, and its row."""
    package, urls, description = (
        ModuleType(f"hosting.api.toy{suffix}") for suffix in ("", ".urls", ".description")
    )
    urls.urlpatterns = [re_path(r"^toys/bear/?$", bear)]  # type: ignore[attr-defined]
    # The document of an API without operations, but with a name of its own.
    about = {**vars(API), "title": "Toys", "urls": [], "operations": {}}
    description.API = type(API)(**about)  # type: ignore[attr-defined]
    for module in (package, urls, description):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(DIALECTS, "toy", TOY)
    monkeypatch.setattr(usernames, "RESERVED", set(usernames.RESERVED))
    reload()
    from django.apps import apps

    apps.get_app_config("hosting").ready()
    yield
    monkeypatch.undo()
    schema._made.pop("toy", None)
    reload()


def reload() -> None:
    """Have the addresses made anew, as a start does."""
    importlib.reload(hosting.api.urls)
    importlib.reload(importlib.import_module(settings.ROOT_URLCONF))
    clear_url_caches()


@pytest.mark.django_db
def test_a_new_dialect_is_found_in_the_addresses_the_schemas_the_docs_and_the_reserved_names(
    toy: None, client: Client
) -> None:
    assert client.get("/toys/bear").content == b"growl"
    assert client.get("/api/schema/toy.json").json()["info"]["title"] == "Toys"
    overview = client.get("/api/docs").content.decode()
    assert 'href="/api/docs/toy"' in overview
    assert "For children." in overview
    assert client.get("/api/docs/toy").status_code == 200
    with pytest.raises(Exception, match="reserved"):
        refuse_reserved("toys")


def test_its_patterns_are_read_by_the_server(toy: None) -> None:
    polls = dialects.Paths("polls")
    assert polls("/toys/7/poll")
    assert not polls("/toys/7/poll/")
    assert polls("/result/x"), "the others' patterns stay"


@pytest.mark.django_db
def test_without_its_row_it_is_not_there(client: Client) -> None:
    assert client.get("/toys/bear").status_code == 404
    assert client.get("/api/schema/toy.json").status_code == 404
    assert client.get("/api/docs/toy").status_code == 404
    refuse_reserved("toys")


def test_the_longest_base_is_tried_first() -> None:
    order = dialects.by_precedence()
    assert order.index("img_processing") < order.index("imghippo")
    lengths = [len(DIALECTS[name].base) for name in order]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialect_is_a_folder_with_tests_that_knows_no_other(name: str) -> None:
    root = Path(settings.BASE_DIR)
    assert (root / "hosting" / "api" / name / "urls.py").is_file()
    assert list((root / "tests" / "api" / name).glob("test_*.py"))
    rules = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    [independent] = [rule for rule in rules if rule["type"] == "independence"]
    assert independent["modules"] == ["hosting.api.*"]
    assert not [one for one in independent["ignore_imports"] if f"hosting.api.{name}" in one]
