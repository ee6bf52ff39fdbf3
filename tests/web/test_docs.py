"""The API's pages: what a reader finds there before any script runs."""

from __future__ import annotations

import ast
import gzip
import html
import itertools
import json
import re
import shlex
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.keys import guest_access
from hosting.api.dialects import DIALECTS
from hosting.api.schema import document
from hosting.reference import Operation, read
from hosting.reference.samples import SAMPLES

EVERY = pytest.mark.parametrize("name", list(DIALECTS))
# What a page may weigh on its way.
MOST_BYTES = 150_000


def text(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def operations(name: str) -> list[Operation]:
    return read(document(name), "http://testserver").operations


def test_the_overview_leads_to_every_api_and_its_schema(client: Client) -> None:
    page = text(client.get("/api/docs"))
    for name in DIALECTS:
        assert f'href="/api/docs/{name}"' in page
        assert f'href="/api/schema/{name}.json" download' in page
    assert "curl --fail-with-body http://testserver/api/v2/files" in page


@EVERY
def test_a_reference_shows_all_operations_of_its_schema(client: Client, name: str) -> None:
    page = text(client.get(f"/api/docs/{name}"))
    for path, item in document(name)["paths"].items():
        for method, operation in item.items():
            assert f'id="{operation["operationId"]}"' in page, (method, path)
            assert f'href="#{operation["operationId"]}"' in page
            assert html.escape(operation["summary"]) in page
            for parameter in operation.get("parameters", []):
                assert f"<code>{parameter['name']}</code>" in page or "key" in parameter["name"]


@EVERY
def test_every_link_within_a_reference_leads_somewhere(client: Client, name: str) -> None:
    page = text(client.get(f"/api/docs/{name}"))
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for target in re.findall(
        r'(?:href="#|\sfor="|aria-labelledby="|data-copy="|data-try=")([^"]+)"', page
    ):
        assert target in ids, target


@EVERY
def test_headings_are_in_order_and_nothing_is_styled_or_scripted_in_place(
    client: Client, name: str
) -> None:
    page = text(client.get(f"/api/docs/{name}"))
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"\son\w+=", page)


@EVERY
def test_a_reference_is_light_on_its_way(client: Client, name: str) -> None:
    answer = client.get(f"/api/docs/{name}", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < MOST_BYTES
    assert b"</html>" in gzip.decompress(answer.content)


@EVERY
def test_every_sample_is_well_formed(name: str) -> None:
    for one in operations(name):
        curl = shlex.split(SAMPLES["curl"].write(one.call))
        assert curl[0] == "curl", one.id
        assert any(word.startswith("http://testserver/") for word in curl), one.id
        assert not any("{" in word for word in curl if word.startswith("http"))
        ast.parse(SAMPLES["python"].write(one.call))
        for data in (curl[at + 1] for at, word in enumerate(curl) if word == "-d"):
            json.loads(data)
        if one.needs_key:
            assert "YOUR_KEY" in " ".join(curl), one.id


def test_whoever_is_signed_in_is_led_to_the_keys_and_others_to_sign_in(
    client: Client, member_client: Client
) -> None:
    assert 'href="/account/login/?next=/settings/keys"' in text(client.get("/api/docs/native"))
    page = text(member_client.get("/api/docs/native"))
    assert "/account/login/" not in page
    assert '<a href="/settings/keys">Create a key</a>' in page


def test_the_guest_key_is_shown_while_it_works(client: Client) -> None:
    access = guest_access()
    for address in ("/api/docs", "/api/docs/chevereto"):
        assert access.key in text(client.get(address))
    assert access.key not in text(client.get("/api/docs/imgsmaller"))  # it takes members alone
    access.api_enabled = False
    access.save()
    for address in ("/api/docs", "/api/docs/chevereto"):
        assert access.key not in text(client.get(address))


def test_a_reference_speaks_the_readers_language_and_says_that_the_schema_is_english(
    client: Client,
) -> None:
    english, spanish = (
        text(client.get("/api/docs/imgsmaller", headers={"Accept-Language": language}))
        for language in ("en", "es")
    )
    assert '<html lang="es"' in spanish
    assert english.count('lang="en"') == spanish.count('lang="en"') + 1
    assert re.findall(r"<h3[^>]*>.*?</h3>", english) == re.findall(r"<h3[^>]*>.*?</h3>", spanish)


def test_where_chevereto_documents_its_api_people_find_ours(client: Client) -> None:
    answer = client.get("/api-v1")
    assert answer.status_code == 301
    assert answer["Location"] == reverse("docs-api", args=["chevereto"])


def test_of_an_unknown_api_there_is_no_page(client: Client) -> None:
    answer = client.get("/api/docs/soap")
    assert answer.status_code == 404
    assert "site-header" in answer.content.decode()


def test_search_engines_may_read_it(client: Client) -> None:
    assert "Allow: /api/docs" in client.get("/robots.txt").content.decode()
