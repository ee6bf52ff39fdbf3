"""Direct links cannot be found by trying: every one holds at least 95 random bits."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import pytest

from hosting.models.public_id import ALPHABET
from hosting.storage import paths
from hosting.storage.objects import FOLDERS

NEEDED_BITS = 95


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("make", ["upload", "result"])
def test_an_address_cannot_be_guessed(folder: str, make: str) -> None:
    def path() -> str:
        if make == "upload":
            return paths.upload_path(folder, datetime.now(UTC), "cat.jpg", "jpg")
        return paths.result_path(folder, "compressed", "jpg")

    # What is the same in two of them reveals nothing of a third; an attacker knows the time.
    name = re.sub(r"_?\d{10}(_|$)", "|", path().rpartition("/")[2].removesuffix(".jpg"))
    random = max(re.split(r"[|-]", name.removeprefix("compressed")), key=len)
    letters = 16 if re.fullmatch("[0-9a-f]+", random) and len(random) > 16 else len(ALPHABET)
    assert len(random) * math.log2(letters) >= NEEDED_BITS
    assert path() != path()


def test_a_results_address_begins_as_imghippos() -> None:
    path = paths.result_path(paths.COMPRESSED, "compressed", "webp")
    assert re.fullmatch(r"compressed/compressed_\d{10}_[0-9a-f]{24}\.webp", path)
