"""Finding files by words, and the index that is kept of them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.keys import Caller
from hosting.catalogue import listing, search
from hosting.files import deletion, editing
from hosting.files.editing import Changes
from hosting.files.options import UploadOptions
from hosting.files.uploads import accept
from hosting.models import HostedFile
from hosting.sources.source import Source
from tests import pictures
from tests.factories import HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db

HOSTILE = [
    '"', "''", "* AND OR NOT", 'words : "x" NEAR(a b)', "-harbour", "^harbour", "har*", "(((", "' | '':*",
    "\\", "%s %d", "; DROP TABLE hosting_search; --", "\x00", "\ud800", "\N{COMBINING ACUTE ACCENT}",
    "\N{CIRCLED DIGIT ONE}", "a & b | !c <-> d", "x" * 10_000, "a " * 5_000, '"' * 10_000,
]  # fmt: skip


def found(words: str) -> set[str]:
    return set(search.matching(HostedFile.objects.all(), words).values_list("title", flat=True))


def test_a_file_is_found_by_title_description_tag_name_and_format() -> None:
    HostedFileFactory(
        title="Evening", description="On the pier", tags=["sea"], original_filename="IMG_4711.jpg"
    )
    HostedFileFactory(title="Other", original_filename="else.png")
    for words in ("evening", "pier", "sea", "4711", "img", "jpeg"):
        assert "Evening" in found(words)
    assert found("pier") == {"Evening"}


def test_every_word_has_to_be_there_or_begin_one_that_is() -> None:
    HostedFileFactory(title="Harbour at night")
    HostedFileFactory(title="Harbour by day")
    assert found("harb") == {"Harbour at night", "Harbour by day"}
    assert found("night harbour") == {"Harbour at night"}
    assert found("arbour") == set()


def test_case_and_accents_make_no_difference() -> None:
    HostedFileFactory(title="Žuvis Straße Ñandú")
    for words in ("zuvis", "ŽUVIS", "STRASSE", "nandu"):
        assert len(found(words)) == 1


def test_any_script_can_be_searched() -> None:
    HostedFileFactory(title="Ηλιοβασίλεμα 日本語")
    assert len(found("ηλιοβασίλεμα")) == len(found("日本")) == 1


def test_no_word_finds_nothing() -> None:
    HostedFileFactory()
    assert found("") == found("  !? ") == set()


@pytest.mark.parametrize("words", HOSTILE)
def test_operators_are_no_operators(words: str) -> None:
    HostedFileFactory(title="Harbour")
    assert found(words) <= {"Harbour"}


def test_a_minus_takes_nothing_away() -> None:
    HostedFileFactory(title="Harbour")
    assert found("-harbour") == {"Harbour"}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.text(max_size=60))
def test_whatever_is_typed_is_answered_and_finds_what_says_it(db: None, words: str) -> None:
    file = HostedFileFactory(title=words.replace("\x00", "")[:100], stored=False)
    hits = search.matching(HostedFile.objects.filter(pk=file.pk), file.title)
    assert hits.exists() == bool(search.words_of(file.title))


def test_an_upload_is_found_at_once_and_a_deleted_file_no_more() -> None:
    # What tests of other processes' transactions have left is none of this one's.
    before = indexed()
    source = Source(io.BytesIO(pictures.jpeg()), len(pictures.jpeg()), "dunes.jpg")
    file = accept(Caller(user=UserFactory()), source, UploadOptions(tags=("sand",))).file
    assert found("sand") == found("dunes") == {"dunes"}
    deletion.delete(file)
    assert indexed() == before


def indexed() -> int:
    """How many files the index holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM hosting_search")
        return int(cursor.fetchone()[0])


def test_an_edit_is_found_and_what_it_replaced_is_not() -> None:
    file = HostedFileFactory(title="Before", tags=["old"], owner=UserFactory())
    editing.edit(file, Changes(title="After"))
    assert (found("before"), found("after")) == (set(), {"After"})
    editing.edit(file, Changes(tags=("new",)))
    assert (found("old"), found("new")) == (set(), {"After"})


def test_only_what_is_asked_for_is_searched() -> None:
    HostedFileFactory(title="Hidden harbour", is_approved=False)
    HostedFileFactory(title="Open harbour")
    hits = search.matching(HostedFile.objects.listed(), "harbour")
    assert [file.title for file in hits] == ["Open harbour"]


def test_the_index_is_made_anew(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(search, "BATCH", 2)
    for number in range(5):
        HostedFileFactory(title=f"Number {number}", tags=["count"], stored=False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM hosting_search")
    gone = HostedFileFactory(title="Number gone", stored=False)
    HostedFile.objects.filter(pk=gone.pk).delete()
    assert found("number") == set()
    call_command("rebuild_search")
    assert "5 files" in capsys.readouterr().out
    assert len(found("number")) == len(found("count")) == 5


@pytest.mark.parametrize("common", [0, 1000])
def test_many_and_few_are_found_alike_and_in_order(
    monkeypatch: pytest.MonkeyPatch, common: int
) -> None:
    monkeypatch.setattr(search, "COMMON", common)
    for number in range(7):
        HostedFileFactory(title=f"Harbour {number}", views=number)
    HostedFileFactory(title="Elsewhere", views=99)
    rows = search.matching(HostedFile.objects.listed(), "harb")
    first = listing.page(rows, size=4, order=listing.ORDERS["popular"])
    second = listing.page(rows, size=4, order=listing.ORDERS["popular"], cursor=first.next or "")
    assert [file.views for file in (*first.items, *second.items)] == [6, 5, 4, 3, 2, 1, 0]
    assert second.next is None
