"""What the documents name is there: decisions by their numbers, files by their paths."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.live import ROOT

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
NUMBERS = [path.name[:4] for path in DECISIONS]
# All but the changelog, which describes the past.
DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {ROOT / "CHANGELOG.md"})
# `folder/file.py`, from one of ROOTS.
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|sh|conf|toml|html))`")
# ARCHITECTURE.md names what is in hosting/ and processing/ without these words.
ROOTS = (ROOT, ROOT / "hosting", ROOT / "processing")
NUMBER = re.compile(r"(?<![\w.#])(00[0-9]{2})(?![\w.]|-[a-z])")


def test_no_two_decisions_have_one_number() -> None:
    assert len(NUMBERS) == len(set(NUMBERS)) > 20


@pytest.mark.parametrize("path", DECISIONS, ids=NUMBERS)
def test_a_decision_begins_with_its_number(path: Path) -> None:
    assert re.match(rf"# {path.name[:4]}: \S", path.read_text())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_is_there(path: Path) -> None:
    text = path.read_text()
    missing = [
        name for name in FILE.findall(text) if not any((root / name).is_file() for root in ROOTS)
    ]
    assert not missing
    assert set(NUMBER.findall(text)) <= set(NUMBERS)
