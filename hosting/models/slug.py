"""The readable part of addresses."""

from __future__ import annotations

import re
import unicodedata


def slug_of(title: str) -> str:
    """`title` for an address: letters and digits of any script, runs of everything else as one dash."""
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", title)).strip("-")
