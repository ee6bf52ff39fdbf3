"""What people write, made safe to show anywhere: without controls, and without what turns a line around."""

from __future__ import annotations

import re
import unicodedata

# Characters that reorder the text around them, so that one text looks like another.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def line(text: str) -> str:
    """One line of plain text, its blanks folded."""
    return " ".join(_without_controls(text, kept="\t\n\r").split())


def paragraphs(text: str) -> str:
    """Plain text that may have several lines."""
    return _without_controls(text.replace("\r\n", "\n").replace("\r", "\n"), kept="\n\t").strip()


def _without_controls(text: str, *, kept: str) -> str:
    plain = _TURNING.sub("", text)
    return "".join(c for c in plain if c in kept or unicodedata.category(c) not in {"Cc", "Cs"})
