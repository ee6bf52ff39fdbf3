"""The sample of nginx sends every format that the site serves with the format's own type."""

from __future__ import annotations

import re

import pytest

from processing import FORMATS
from tests.live import ROOT

SAMPLE = (ROOT / "docs" / "deploy" / "nginx.conf").read_text()


def named() -> dict[str, str]:
    """The type of each extension in the block of pictures, the first in the sample."""
    found = re.search(r"types \{(.*?)\}", SAMPLE, re.DOTALL)
    assert found is not None
    entries = [entry.split() for entry in found.group(1).split(";") if entry.strip()]
    return {extension: mime for mime, *extensions in entries for extension in extensions}


@pytest.mark.parametrize("name", sorted({format.served_as for format in FORMATS.values()}))
def test_every_served_format_has_its_type(name: str) -> None:
    served = FORMATS[name]
    assert named()[served.extension] == served.mime
