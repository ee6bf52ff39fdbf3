"""Each page links the stylesheets that it needs: no class of its markup is left without its style."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES: Path = settings.BASE_DIR / "templates"
SHEETS: Path = settings.BASE_DIR / "static" / "css" / "site"
STATIC_ERRORS = ("400.html", "500.html")

PARENT = re.compile(r'{%-?\s*extends "([^"]+)"')
PART = re.compile(r'{%-?\s*include "([^"]+)"')
LINK = re.compile(r"css/site/(\w+)\.css")


def read(name: str) -> str:
    """A template of ours; those of allauth bring no classes of their own."""
    path = TEMPLATES / name
    return path.read_text() if path.is_file() else ""


def family(name: str) -> Iterator[str]:
    """The text of a template, of what it extends and of what it includes."""
    waiting, seen = [name], set()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            text = read(one)
            yield text
            waiting += PARENT.findall(text) + PART.findall(text)


def defined() -> dict[str, set[str]]:
    """The classes that each sheet has rules for."""
    found = {}
    for path in SHEETS.glob("*.css"):
        rules = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        selectors = re.sub(r"{[^{}]*}", " ", rules)
        found[path.stem] = set(re.findall(r"\.([a-z][\w-]*)", selectors))
    return found


def used(text: str) -> set[str]:
    """The classes that are written out in a template."""
    plain = re.sub(r"{{.*?}}", "X", re.sub(r"{%.*?%}", " ", text, flags=re.DOTALL))
    return {name for value in re.findall(r'class="([^"]*)"', plain) for name in value.split()}


def pages() -> list[str]:
    names = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")]
    whole = [name for name in names if any("<!doctype html>" in text for text in family(name))]
    assert len(whole) > 40
    return sorted(whole)


@pytest.mark.parametrize("name", pages())
def test_a_page_links_the_sheets_of_its_classes(name: str) -> None:
    text = "\n".join(family(name))
    linked = set(LINK.findall(text))
    sheets = defined()
    assert linked <= set(sheets)
    styled = set().union(*(sheets[sheet] for sheet in linked))
    elsewhere = set().union(*sheets.values()) - styled
    assert not used(text) & elsewhere


def test_no_sheet_is_linked_by_nobody() -> None:
    linked = {sheet for name in pages() for text in family(name) for sheet in LINK.findall(text)}
    assert linked == set(defined())


def test_the_pages_that_stand_alone_link_the_shared_sheets_in_their_order() -> None:
    shared = LINK.findall(read("base.html"))
    for name in STATIC_ERRORS:
        linked = LINK.findall("".join(family(name)))
        assert linked == shared[: len(linked)]
        assert len(linked) > 3
