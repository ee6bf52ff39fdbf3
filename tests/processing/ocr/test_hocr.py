"""Markdown from hOCR: whatever stood in the picture, it is shown as it stood there."""

from __future__ import annotations

from html import escape

from hypothesis import given
from hypothesis import strategies as st

from processing.ocr import hocr
from processing.ocr.hocr import Line

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


def document(*paragraphs: list[tuple[str, float, int]]) -> str:
    """hOCR of paragraphs of lines: their words, the size of their letters, how sure the program is."""
    values = "".join(
        "<p class='ocr_par'>"
        + "".join(
            f"<span class='ocr_line' title='bbox 0 0 9 9; x_size {size}; x_descenders 2'>"
            + " ".join(
                f"<span class='ocrx_word' title='bbox 0 0 9 9; x_wconf {sure}'>{escape(word)}</span>"
                for word in text.split()
            )
            + "</span>"
            for text, size, sure in lines
        )
        + "</p>"
        for lines in paragraphs
    )
    return f"<?xml version='1.0'?><html><body><div class='ocr_page'>{values}</div></body></html>"


def markdown(*paragraphs: list[tuple[str, float, int]]) -> str:
    return hocr.markdown(hocr.lines(document(*paragraphs)))


@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=5))
def test_every_word_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    found = hocr.lines(document(*[[(" ".join(row), 20.0, 96)] for row in rows]))
    assert [line.words for line in found] == rows


@given(st.text(max_size=300))
def test_no_document_breaks_it(text: str) -> None:
    lines = hocr.lines(text)
    assert isinstance(hocr.markdown(lines), str)


def test_words_that_the_program_is_not_sure_of_are_left_out() -> None:
    lines = hocr.lines(document([("sure", 20, 90), ("|~", 20, 12)]))
    assert hocr.plain(lines) == "sure"


def test_bold_words_are_words() -> None:
    values = document([("word", 20, 90)]).replace("word<", "<strong><em>word</em></strong><")
    assert hocr.plain(hocr.lines(values)) == "word"


def test_the_largest_headings_are_of_the_first_order_whatever_their_size() -> None:
    text = ("body text that is longer than any of the headings", 20.0, 90)
    assert markdown([("Small", 24.5, 90)], [text]).startswith("# Small\n\n")
    both = markdown([("Large", 40, 90)], [text], [("Small", 24.5, 90)], [text])
    assert both.startswith("# Large\n\n")
    assert "\n\n## Small\n\n" in both


def test_a_heading_in_one_paragraph_with_its_text_is_taken_out_of_it() -> None:
    text = ("body text that is longer than any of the headings", 20.0, 90)
    assert markdown([("Title", 40, 90), text]) == f"# Title\n\n{text[0]}"


def test_many_lines_in_large_letters_are_no_heading() -> None:
    large = [("Large letters", 40.0, 90)] * 4
    small = [("body text " * 20, 20.0, 90)]
    assert markdown(large, small).startswith("Large letters Large letters")


def test_text_of_one_size_has_no_headings() -> None:
    assert "#" not in markdown([("One", 20, 90)], [("Two", 20, 90)])


def test_bullets_and_numbers_become_lists() -> None:
    lines = [("Buy:", 20, 90), ("• apples and", 20, 90), ("pears", 20, 90), ("— plums", 20, 90)]
    assert markdown(lines) == "Buy:\n\n- apples and pears\n- plums"
    assert markdown([("1. first", 20, 90), ("2) second", 20, 90)]) == "1. first\n2. second"


def test_a_word_divided_at_the_end_of_a_line_is_put_together() -> None:
    assert markdown([("a para-", 20, 90), ("graph of two-", 20, 90), ("Way", 20, 90)]) == (
        "a paragraph of two- Way"
    )


def test_what_means_something_in_markdown_is_escaped() -> None:
    said = {
        "# no heading": r"\# no heading",
        "a*b*c and _d_": r"a\*b\*c and \_d\_",
        "[link](http://x)": r"\[link\](http://x)",
        "<script>": r"\<script\>",
        "AT&amp;T & Co": r"AT\&amp;T & Co",
        "1984. was a year"[:5]: r"1984\.",
        "`code` \\": r"\`code\` \\",
        "-5 degrees": r"\-5 degrees",
    }
    for text, expected in said.items():
        assert markdown([(text, 20, 90)]) == expected


def test_no_line_at_all_is_no_text() -> None:
    none: list[Line] = []
    assert hocr.plain(none) == hocr.markdown(none) == ""
