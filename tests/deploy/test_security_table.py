"""SECURITY.md's table of the ASVS: every row names tests that exist, or says that it is not there yet."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.live import ROOT

TESTS = ROOT / "tests"
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
CHAPTERS = (
    "V1",
    "V2",
    "V3",
    "V4",
    "V5",
    "V6",
    "V7",
    "V8",
    "V10",
    "V11",
    "V12",
    "V13",
    "V14",
    "V16",
)


def rows() -> list[list[str]]:
    """The cells of each row: section, what the site does, what proves it."""
    text = (ROOT / "SECURITY.md").read_text().partition("## OWASP ASVS")[2]
    lines = [line for line in text.splitlines() if re.match(r"\| V\d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names of a file's tests, those of its classes too."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_row_names_tests_that_exist_or_says_not_yet(row: list[str]) -> None:
    section, what, proof = row
    named = NAMED.findall(proof)
    assert section
    assert what
    assert bool(named) != (proof == "not yet"), "name a test, or say: not yet"
    assert what.startswith("not yet: ") == (proof == "not yet"), "say what is missing"
    for file, name in named:
        assert name in names_in(TESTS / file), f"{file} has no {name}"


def test_every_chapter_that_applies_has_a_row() -> None:
    chapters = {re.match(r"V\d+", row[0])[0] for row in rows()}  # type: ignore[index]
    assert chapters == set(CHAPTERS)
