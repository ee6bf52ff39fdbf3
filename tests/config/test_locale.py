"""The translations are whole: every text, in every language, with everything that stands in it."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.utils.translation import ngettext, override

from accounts.errors import StorageFull
from hosting import error_messages
from scripts import messages

LANGUAGES = messages.LANGUAGES
WRITTEN = (*LANGUAGES, messages.ENGLISH)
# What Python and Django put values into: %(name)s, %d, {name}, {}. Never %% alone.
VALUES = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}")
TAGS = re.compile(r"</?\w+[^>]*>")


@cache
def texts(language: str) -> Catalog:
    return messages.template(language if language == messages.ENGLISH else "")


@cache
def written(language: str) -> Catalog:
    return messages.catalog_of(language)


def translations(language: str) -> list[tuple[Message, list[str], list[str]]]:
    """Each message with its original and its translated forms."""
    found = []
    for message in written(language):
        if message.id:
            original = [message.id] if isinstance(message.id, str) else list(message.id)
            entries = [message.string] if isinstance(message.string, str) else list(message.string)
            found.append((message, original, entries))
    return found


def test_the_languages_are_those_of_the_settings() -> None:
    assert set(LANGUAGES) == {code for code, _name in settings.LANGUAGES} - {"en"}


@pytest.mark.parametrize("language", WRITTEN)
def test_every_text_of_the_code_is_translated(language: str) -> None:
    catalog = messages.updated(language, texts(language))
    missing = [message.id for message in messages.untranslated(catalog)]
    assert not missing, "run make messages and translate these"


@pytest.mark.parametrize("language", WRITTEN)
def test_the_files_are_what_make_messages_writes(language: str) -> None:
    folder = messages.LOCALE / language / "LC_MESSAGES"
    catalog = messages.updated(language, texts(language))
    assert _entries((folder / "django.po").read_bytes()) == _entries(messages.as_po(catalog)), (
        "run make messages"
    )
    assert (folder / "django.mo").read_bytes() == messages.as_mo(catalog), "run make messages"


def _entries(po: bytes) -> set[bytes]:
    """The entries of a file, without where their texts stand: moving code is no business of translators."""
    parts = po.split(b"\n\n")
    return {b"\n".join(line for line in one.splitlines() if line[:2] != b"#:") for one in parts}


@pytest.mark.parametrize("language", WRITTEN)
def test_nothing_is_marked_as_doubtful(language: str) -> None:
    assert not [
        message.id for message, _original, _translation in translations(language) if message.fuzzy
    ]


@pytest.mark.parametrize("language", WRITTEN)
def test_translations_hold_the_same_values(language: str) -> None:
    wrong = []
    for message, original, values in translations(language):
        wanted = {value for one in original for value in VALUES.findall(one)}
        # "Keep its file", for one alone, need not name the number.
        least = [VALUES.findall(one) for one in (original[0], original[-1])]
        for place, one in enumerate(values):
            has = set(VALUES.findall(one))
            if not has <= wanted or not has >= set(least[place == len(values) - 1]):
                wrong.append((message.id, one))
    assert not wrong


@pytest.mark.parametrize("language", WRITTEN)
def test_translations_hold_the_same_tags(language: str) -> None:
    wrong = [
        (message.id, one)
        for message, original, values in translations(language)
        for one in values
        if sorted(TAGS.findall(one)) != sorted(TAGS.findall(original[-1]))
    ]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_begin_and_end_as_the_originals(language: str) -> None:
    """With the same blanks, and with a colon, a full stop or a question mark where there is one."""

    def ends(text: str) -> tuple[str, str, str]:
        bare = text.strip().rstrip("”“»")
        last = bare[-1] if bare[-1] in ".:?…" else ""
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :], last

    wrong = [
        (message.id, one)
        for message, original, values in translations(language)
        for one in values
        if ends(one) != ends(original[-1])
    ]
    assert not wrong


def test_lithuanian_has_three_forms_that_name_the_number() -> None:
    """The first form stands for 1, 21, 31 …: it cannot say "this file" where the others say a number."""
    for message, original, values in translations("lt"):
        if len(original) == 2:
            assert len(values) == 3, message.id
            numbers = set(VALUES.findall(original[1])) - set(VALUES.findall(original[0]))
            assert all(numbers <= set(VALUES.findall(one)) for one in values), message.id


@pytest.mark.parametrize(
    ("language", "values"),
    [
        ("en", ["1 file", "2 files", "10 files", "21 files", "0 files"]),
        ("es", ["1 archivo", "2 archivos", "10 archivos", "21 archivos", "0 archivos"]),
        ("lt", ["1 failas", "2 failai", "10 failų", "21 failas", "0 failų"]),
    ],
)
def test_plurals_are_those_of_the_language(language: str, values: list[str]) -> None:
    with override(language):
        numbers = (1, 2, 10, 21, 0)
        assert [
            ngettext("%(count)d file", "%(count)d files", n) % {"count": n} for n in numbers
        ] == values


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_translated_with_their_values(language: str) -> None:
    with override(language):
        for sentence in error_messages.with_values():
            names = re.findall(r"\{(\w+)\}", sentence)
            values = {name: f"{number}7" for number, name in enumerate(names, 1)}
            given = error_messages.translated(sentence.format(**values))
            assert given != sentence.format(**values)
            assert all(value in given for value in values.values())
        assert error_messages.translated("Nobody ever wrote this.") == "Nobody ever wrote this."


def test_refusals_write_numbers_as_the_language_does() -> None:
    full = StorageFull(12_500 * 1024 * 1024).message
    with override("es"):
        assert "12\xa0500 MB" in error_messages.translated(full)
        assert "1,5 MB" in error_messages.translated("The file is larger than 1.5 MB.")
        assert "«1.5.2»" in error_messages.translated("There is no format named “1.5.2”.")
    with override("en"):
        assert error_messages.translated(full) == full


def test_every_refusal_with_values_has_its_sentence() -> None:
    """Whoever writes a new one in accounts or processing adds its sentence to OF_OTHERS."""
    patterns = [pattern for _sentence, pattern in error_messages._patterns()]
    missing = []
    for folder in messages.CODE:
        for path in sorted((messages.ROOT / folder).rglob("*.py")):
            for text in messages.refusals(path):
                if isinstance(text, ast.JoinedStr):
                    parts = [
                        one.value if isinstance(one, ast.Constant) else "7" for one in text.values
                    ]
                    said = "".join(map(str, parts))
                    if not any(pattern.fullmatch(said) for pattern in patterns):
                        missing.append(f"{path.name}: {said}")
    assert not missing
