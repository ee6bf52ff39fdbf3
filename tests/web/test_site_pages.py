"""The site's own texts: built in, written by the operator, in the reader's language, and without any HTML."""

from __future__ import annotations

import pytest
from django.test import Client

from hosting.models import Page


def page(slug: str, **fields: object) -> Page:
    values = {"title": f"The {slug} page", "body": "Some *words*."}
    return Page.objects.create(slug=slug, **{**values, **fields})


@pytest.mark.parametrize("address", ["/about", "/privacy"])
def test_a_fresh_site_says_what_it_is_and_what_it_keeps(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def test_what_nobody_wrote_is_not_there_and_not_linked(client: Client) -> None:
    home = client.get("/").content.decode()
    for slug in ("terms", "contact"):
        assert client.get(f"/{slug}").status_code == 404
        assert f'href="/{slug}"' not in home
    assert 'href="/about"' in home


def test_what_the_operator_writes_stands_there_and_is_linked(client: Client) -> None:
    page("terms", body="# House rules\n\n- **Be kind**\n- Read [this](https://example.org/)")
    values = client.get("/terms").content.decode()
    assert "<strong>Be kind</strong>" in values
    assert '<a href="https://example.org/"' in values
    assert 'href="/terms"' in client.get("/").content.decode()


def test_headings_stand_and_what_is_wide_is_scrolled(client: Client) -> None:
    page("terms", body="## Fees\n\n    a < b\n\n| Plan | Price |\n|-|-|\n| Free | **0** |")
    values = client.get("/terms").content.decode()
    assert "<h2>Fees</h2>" in values
    assert '<pre tabindex="0"><code>a &lt; b\n</code></pre>' in values
    assert '<div class="scroll" tabindex="0"><table>' in values
    assert "<strong>0</strong>" in values


def test_other_texts_stand_below_page(client: Client) -> None:
    page("imprint")
    assert "<em>words</em>" in client.get("/page/imprint").content.decode()
    assert 'href="/page/imprint"' in client.get("/").content.decode()
    assert client.get("/page/nothing").status_code == 404


def test_one_page_has_one_address(client: Client) -> None:
    answer = client.get("/page/about")
    assert (answer.status_code, answer["Location"]) == (301, "/about")


def test_the_operators_text_takes_the_place_of_the_built_in_one(client: Client) -> None:
    page("about", title="Who we are")
    values = client.get("/about").content.decode()
    assert "Who we are" in values
    assert "free software" not in values


def test_a_page_taken_down_is_gone(client: Client) -> None:
    page("about", is_published=False)
    assert client.get("/about").status_code == 404
    assert 'href="/about"' not in client.get("/").content.decode()


def test_readers_get_the_text_of_their_language_else_that_for_all(client: Client) -> None:
    page("terms", title="Rules")
    page("terms", title="Normas", language="es")
    for language, title in (("es-MX", "Normas"), ("en", "Rules"), ("lt", "Rules")):
        values = client.get("/terms", headers={"Accept-Language": language}).content.decode()
        assert f'<h1 dir="auto">{title}</h1>' in values


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://elsewhere.example/pixel.png)",
        "[x]: javascript:alert(1)\n\n[x]",
        "<javascript:alert(1)>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
def test_no_text_brings_html_scripts_or_other_hosts_pictures(client: Client, body: str) -> None:
    page("contact", body=body)
    values = client.get("/contact").content.decode()
    written = values[values.index('class="written"') :].partition("</div>")[0].lower()
    assert "<script" not in written
    assert "<img" not in written
    assert 'href="javascript' not in written
    assert 'href="data' not in written
