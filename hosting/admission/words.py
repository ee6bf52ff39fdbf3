"""Banned words: whole words and phrases, whatever their case, in titles, descriptions, tags and file names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hosting.admission import bans, spelling
from hosting.errors import HostingError
from hosting.models import Ban


def refuse(texts: Mapping[str, str | Iterable[str]]) -> None:
    """Raise HostingError for the first text with a banned word: one query.

    texts: what is written, one or several, by the name of its parameter.
    """
    parts = {
        name: _phrases([text] if isinstance(text, str) else text) for name, text in texts.items()
    }
    if not (sought := set[str]().union(*parts.values())):
        return
    found = bans.among(Ban.Kind.WORD, sought)
    for name, said in parts.items():
        if said & found:
            raise HostingError("banned_word", name=name)


def _phrases(texts: Iterable[str]) -> set[str]:
    """Every word and phrase of the texts that could be banned."""
    said = set[str]()
    for text in texts:
        found = spelling.words_of(text)
        for count in range(1, spelling.LONGEST_PHRASE + 1):
            said |= {" ".join(found[at : at + count]) for at in range(len(found) - count + 1)}
    return said
