"""Texts that people write come out plain."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hosting import plain_text


def test_a_title_is_one_line() -> None:
    assert plain_text.line("  two\nlines\tand  blanks ") == "two lines and blanks"


def test_a_description_keeps_its_lines() -> None:
    assert plain_text.paragraphs("one\r\ntwo\rthree\x00\x1b[31m\n") == "one\ntwo\nthree[31m"


def test_a_text_cannot_turn_around_what_stands_beside_it() -> None:
    assert plain_text.line("holiday\u202egpj.exe") == "holidaygpj.exe"


def test_scripts_and_emoji_stay_as_they_are() -> None:
    for text in ("Žąsys", "שלום", "👩\u200d🚀 up", "日本語"):
        assert plain_text.line(text) == text


@given(st.text())
def test_nothing_uncontrolled_is_left_of_any_text(text: str) -> None:
    for clean in (plain_text.line(text), plain_text.paragraphs(text)):
        assert not [c for c in clean if unicodedata.category(c) == "Cc" and c not in "\n\t"]
        assert plain_text.paragraphs(clean) == clean
