"""hOCR, the output of OCR programs with text and positions: its lines, and Markdown made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import groupby

# What is read of a photo without text in it, or of dirt, is read with less confidence (0 to 100).
CONFIDENCE = 35.0

# By how much larger than most of the text a line is that is a heading: of the first, second, third order.
HEADINGS = (1.8, 1.4, 1.18)
# Longer than this, a line in larger letters is not a heading but text in larger letters.
HEADING_LINES = 3

_SIZE = re.compile(r"\bx_size ([\d.]+)")
_CONFIDENCE = re.compile(r"\bx_wconf ([\d.]+)")
_LINES = frozenset({"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"})
_BULLET = re.compile(r"[•‣▪●◦·*+»—–-]\s+")  # noqa: RUF001 - they are what stands there
_NUMBER = re.compile(r"(\d{1,3})[.)]\s+")
# Characters that mean something anywhere, and at the beginning of a line.
_SPECIAL = re.compile(r"[\\`*_\[\]<>]|&(?=#?\w+;)|~(?=~)")
_BEGINNING = re.compile(r"[#+=-]|\d{1,9}(?=[.)](?:\s|$))")


@dataclass
class Line:
    """One line of text. paragraph: counts up with each. size: of its letters, in pixels."""

    paragraph: int
    size: float
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.words)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self._paragraph = 0
        self._in_word = 0
        self._word = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if self._in_word:
            # Bold and italics inside a word.
            self._in_word += 1
            return
        known = dict(attributes)
        name, title = known.get("class") or "", known.get("title") or ""
        if name == "ocr_par":
            self._paragraph += 1
        elif name in _LINES:
            size = _SIZE.search(title)
            self.lines.append(Line(self._paragraph, float(size[1]) if size else 0.0))
        elif name == "ocrx_word" and self.lines:
            sure = _CONFIDENCE.search(title)
            if sure and float(sure[1]) >= CONFIDENCE:
                self._in_word, self._word = 1, ""

    def handle_data(self, data: str) -> None:
        if self._in_word:
            self._word += data

    def handle_endtag(self, tag: str) -> None:
        if self._in_word:
            self._in_word -= 1
            if not self._in_word and (word := "".join(self._word.split())):
                self.lines[-1].words.append(word)


def lines(hocr: str) -> list[Line]:
    """The lines in reading order, those without a word left out."""
    reader = _Reader()
    reader.feed(hocr)
    reader.close()
    return [line for line in reader.lines if line.words]


def plain(lines: Iterable[Line]) -> str:
    """The text line by line, with an empty one between paragraphs."""
    paragraphs = groupby(lines, key=lambda line: line.paragraph)
    return "\n\n".join("\n".join(line.text for line in paragraph) for _, paragraph in paragraphs)


def markdown(lines: list[Line]) -> str:
    """The text as CommonMark: headings by the size of letters, lists by their bullets, paragraphs unwrapped.

    What would mean something in Markdown or HTML is escaped: it is what stood in the picture.
    """
    usual = _usual_size(lines)
    orders = {id(line): _order(line.size, usual) for line in lines}
    blocks = [
        (order, list(block))
        for (_, order), block in groupby(lines, key=lambda line: (line.paragraph, orders[id(line)]))
    ]
    blocks = [(order if len(block) <= HEADING_LINES else 0, block) for order, block in blocks]
    # The largest that there are are headings of the first order, whatever their size.
    used = sorted({order for order, _ in blocks if order})
    done = []
    for order, block in blocks:
        if order:
            joined = _joined([line.text for line in block])
            done.append(f"{'#' * (1 + used.index(order))} {_escaped(joined)}")
        else:
            done += _paragraphs([line.text for line in block])
    return "\n\n".join(done)


def _usual_size(lines: list[Line]) -> float:
    """The median size of the characters: half of them are no larger."""
    rest = sum(len(line.text) for line in lines) / 2
    for line in sorted(lines, key=lambda line: line.size):
        rest -= len(line.text)
        if rest <= 0:
            return line.size
    return 0.0


def _order(size: float, usual: float) -> int:
    """Of a heading: 1 to 3; 0 for any other line."""
    return next((order for order, much in enumerate(HEADINGS, 1) if size >= much * usual > 0), 0)


def _paragraphs(texts: list[str]) -> list[str]:
    """A paragraph's lines as one, or as the items of a list with what is around it."""
    blocks: list[tuple[str, list[str]]] = []
    for text in texts:
        if (bullet := _BULLET.match(text)) and len(text) > bullet.end():
            blocks.append(("- ", [text[bullet.end() :]]))
        elif (number := _NUMBER.match(text)) and len(text) > number.end():
            blocks.append((f"{number[1]}. ", [text[number.end() :]]))
        elif blocks:
            blocks[-1][1].append(text)
        else:
            blocks.append(("", [text]))
    written = [(mark, mark + _escaped(_joined(rows))) for mark, rows in blocks]
    # Items of one list follow each other without an empty line.
    return [
        "\n".join(text for _, text in group)
        for _, group in groupby(written, key=lambda item: bool(item[0]))
    ]


def _joined(texts: list[str]) -> str:
    """Lines as one; a word that was divided at the end of one is put together."""
    joined = texts[0]
    for text in texts[1:]:
        if re.search(r"[^\W\d_]-$", joined) and text[:1].islower():
            joined = joined[:-1] + text
        else:
            joined += " " + text
    return joined


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(lambda found: "\\" + found[0], text)
    if beginning := _BEGINNING.match(text):
        # A number is escaped by what follows it.
        at = beginning.end() if beginning[0].isdigit() else 0
        text = text[:at] + "\\" + text[at:]
    return text
